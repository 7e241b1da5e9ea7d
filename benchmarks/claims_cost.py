"""What claims take at the defaults: `python -m benchmarks.claims_cost`.

Ten claims of two models' answers, 200 pairs set aside, and the checks: calls and tokens of
verification, as the estimate counts them, five claims a call and one.
"""

import contextlib
import dataclasses

import corpuscope as cs
from benchmarks.claims_real import answers
from benchmarks.results import record, table
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.plan import Plan


class _EnoughError(Exception):
    """Raised once the plan is known."""


def plan(**settings: int) -> Plan:
    """What a run would ask."""
    plans: list[Plan] = []

    def keep(one: Plan) -> None:
        plans.append(one)
        raise _EnoughError

    with contextlib.suppress(_EnoughError):
        cs.claims(
            answers(), by="model", target="claude-2.1", pair="prompt_id",
            llm=LLM(Function(lambda _: None, "nobody")), before=keep,
            settings=dataclasses.replace(cs.ClaimSettings(), **settings),
        )  # fmt: skip
    return plans[0]


def main() -> None:
    """Record calls and tokens."""
    body = []
    for per_call in (5, 1):
        every = plan(per_call=per_call).estimate
        reading = [one for name, one in every.by_purpose.items() if name != "state"]
        body.append((
            per_call, f"{sum(one.n_calls for one in reading):,}",
            f"{sum(one.usage.n_in for one in reading):,}",
            f"{sum(one.usage.n_out for one in reading):,}",
            ", ".join(f"{one.n_calls:,} to {name}" for name, one in every.by_purpose.items()),
        ))  # fmt: skip
    record("What verifying ten claims takes", table(
        ("claims a call", "calls", "tokens in", "tokens out", "of which"), body
    ))  # fmt: skip


if __name__ == "__main__":
    main()

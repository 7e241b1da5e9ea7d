"""States claims from findings: one request, one repair, one merge; or words alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.claiming.material import Shown
from corpuscope.claiming.statement import Quote, Statement
from corpuscope.claiming.stating.prompts import (
    Sides,
    merging_request,
    repair_request,
    stating_request,
)
from corpuscope.claiming.stating.proposals import Dropped, Proposals, read_proposals
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request

__all__ = ["Stated", "drawn_sides", "joined", "state", "state_in_words"]


@dataclass(frozen=True)
class Stated:
    """The claims to be tested.

    Attributes:
        statements: In the order of their strongest finding.
        dropped: What became no claim, and why.
        n_proposed: How many sentences were proposed at first.
        warnings: What went wrong.
    """

    statements: tuple[Statement, ...]
    dropped: tuple[Dropped, ...]
    n_proposed: int
    warnings: tuple[str, ...]


def drawn_sides(seed: int) -> Sides:
    """The letters of the sides: no letter tells which group is the target."""
    is_first = bool(np.random.default_rng([seed, 1]).integers(2))
    return {"target": "A" if is_first else "B", "reference": "B" if is_first else "A"}


def state(
    shown: Sequence[Shown], llm: LLM, *, n: int, is_paired: bool, group_names: Sequence[str],
    seed: int,
) -> Stated:  # fmt: skip
    """At most `n` claims from findings, by a language model; checked, mended once, and merged.

    Args:
        shown: The findings.
        llm: Who states them.
        n: The most claims.
        is_paired: Whether claims of degree can be judged.
        group_names: Names that no claim may contain.
        seed: The random seed.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: The request waits for its answer.
    """
    if not shown:
        return Stated((), (), 0, ())
    sides = drawn_sides(seed)
    asked = stating_request(shown, sides, n=n, is_paired=is_paired)
    (answer,) = llm.ask([asked])
    if not answer.is_answered:
        why = f"no claims were stated: {answer.status} ({answer.reason})"
        return Stated((), tuple(Dropped(one.name, answer.status) for one in shown), 0, (why,))

    def checked(value: object) -> Proposals:
        return read_proposals(value, shown, sides, n=n, group_names=group_names)  # type: ignore[arg-type]

    proposals = checked(answer.value)
    n_proposed = len(answer.value["claims"])
    if proposals.faults:
        (again,) = llm.ask([repair_request(asked, answer.text, proposals.faults)])
        if again.is_answered:
            mended = checked(again.value)
            # A repair may also break what was right.
            if len(mended.statements) >= len(proposals.statements):
                proposals = mended
    merged, twins = _merged(proposals.statements, llm)
    order = sorted(merged, key=lambda one: min(one.findings))
    return Stated(tuple(order), (*twins, *proposals.dropped), n_proposed, ())


def joined(stated: Stated, read: Sequence[Statement], llm: LLM) -> Stated:
    """Claims from findings, with those from reading pairs that say something else.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: The request waits for its answer.
    """
    merged, twins = _merged([*stated.statements, *read], llm)
    return Stated(
        tuple(merged), (*stated.dropped, *twins), stated.n_proposed + len(read), stated.warnings
    )


def _merged(statements: Sequence[Statement], llm: LLM) -> tuple[list[Statement], list[Dropped]]:
    """The statements without those that say the same, and these."""
    if len(statements) < 2:
        return list(statements), []
    (answer,) = llm.ask([_merging(statements)])
    kept = list(statements)
    dropped: list[Dropped] = []
    gone: set[int] = set()
    for pair in answer.value["pairs"] if answer.is_answered else ():
        first, second = sorted((pair["first"] - 1, pair["second"] - 1))
        is_same = pair["relation"] == "same" and first != second
        if is_same and not {first, second} & gone and _one_side(kept[first], kept[second]):
            dropped.append(Dropped(kept[second].sentence, f"same as: {kept[first].sentence}"))
            kept[first] = _joined(kept[first], kept[second])
            gone.add(second)
    return [one for i, one in enumerate(kept) if i not in gone], dropped


def _merging(statements: Sequence[Statement]) -> Request:
    return merging_request([one.sentence for one in statements])


def _one_side(one: Statement, other: Statement) -> bool:
    return one.side == other.side and one.kind == other.kind


def _joined(one: Statement, other: Statement) -> Statement:
    findings = tuple(dict.fromkeys((*one.findings, *other.findings)))
    return replace(one, findings=findings, quotes=(*one.quotes, *other.quotes))


def state_in_words(shown: Sequence[Shown], *, n: int) -> Stated:
    """The labels of the first `n` findings in a fixed sentence; asks nobody."""
    statements = tuple(
        Statement(
            sentence=f"The text contains this: {one.name}.",
            negation=f"The text does not contain this: {one.name}.",
            side=one.side,
            kind="presence",
            has_place=True,
            findings=(i,),
            quotes=tuple(Quote(p.row, p.id, p.text, *p.peak) for p in one.passages),
        )
        for i, one in enumerate(shown[:n])
    )
    dropped = tuple(Dropped(one.name, "beyond the limit") for one in shown[n:])
    return Stated(statements, dropped, len(statements), ())

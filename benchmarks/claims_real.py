"""Claims about two models' answers: `python -m benchmarks.claims_real FOLDER`.

The 805 prompts of AlpacaEval, answered by Claude 2.1 and GPT-4 (0613). FOLDER holds requests and
answers of a batch (as `corpuscope claims --llm-batch FOLDER` writes them); without answers it says
which are missing. Texts and answers are not part of the project.
"""

import sys
from pathlib import Path

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.claiming.result import ClaimsResult
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.store.store import Store

_TARGET, _REFERENCE = "claude-2.1", "gpt4_0613"


def answers() -> Store:
    """Both models' answers."""
    documents = [
        {
            "id": row["id"], "text": row["response"], "model": row["model"],
            "prompt_id": row["prompt_id"], "prompt": row["prompt"],
        }
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["model"] in (_TARGET, _REFERENCE) and row["response"].strip()
    ]  # fmt: skip
    CACHE.mkdir(parents=True, exist_ok=True)
    return cs.extract(documents, into=CACHE / "alpaca-pair.scope")


def claims_of(found: ClaimsResult) -> list[tuple[object, ...]]:
    """A row for each claim."""
    return [
        (
            one.outcome,
            found.target if one.side == "target" else found.references[0],
            one.sentence,
            f"{one.rate_target:.0%} / {one.rate_reference:.0%}",
            _size(one.difference, one.interval),
            _size(one.corrected, one.corrected_interval),
            f"{one.holm_p:.2g}",
        )
        for one in found.claims
    ]


def about(found: ClaimsResult) -> list[str]:
    """What is known of the judge, and the bill."""
    judge, bill = found.judge, found.receipt
    assert judge is not None
    assert bill is not None
    planted = judge.planted
    lines = [
        f"{found.n_borne_out} of {len(found)} borne out; {found.n_read} pairs read; coverage "
        f"{found.coverage:.0%}; {found.n_proposed} proposed.",
        f"The judge: {'not measured' if planted is None else f'{planted.right} of {planted.n} planted sentences, {planted.wrong} on the wrong side'}; "  # noqa: E501
        f"{judge.consistency:.0%} alike in both orders; again {judge.same_again:.0%}, alone "
        f"{judge.same_alone:.0%}; {judge.negations_passing} of {judge.n_negations} negations and "
        f"{judge.others_passing} of {judge.n_others} other matters pass.",
        f"The bill: {bill.all.n_calls:,} calls, {bill.all.usage.n_in:,} tokens in, "
        f"{bill.all.usage.n_out:,} out; answered by {', '.join(bill.models)}.",
    ]
    return ["\n\n".join(lines), ""]


HEADER = ("outcome", "more often", "claim", "rates", "judged", "corrected", "p (Holm)")


def _size(value: float, interval: tuple[float, float]) -> str:
    return "-" if value != value else (
        f"{100 * value:+.0f} ({100 * interval[0]:+.0f} to {100 * interval[1]:+.0f})"
    )  # fmt: skip


def main(folder: Path) -> None:
    """Record the claims, the judge and the bill."""
    found = cs.claims(
        answers(), by="model", target=_TARGET, pair="prompt_id",
        llm=cs.LLM(BatchFolder(folder)),
        settings=cs.ClaimSettings(per_call=10, prompt="prompt"),
    )  # fmt: skip
    record("Claims about two models' answers", [*about(found), *table(HEADER, claims_of(found))])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Has statements read by a judge, and measures the judge: one round of requests."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.claiming.claim import Claim
from corpuscope.claiming.judging.judge import Judge, judge_of
from corpuscope.claiming.judging.planted import Planted, plant
from corpuscope.claiming.judging.rounds import Call, Readings, Unit, calls_of
from corpuscope.claiming.judging.verdicts import Read, claims_of, not_read
from corpuscope.claiming.material import Shown
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.claiming.statement import Statement
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.shapes import DocumentMask

__all__ = ["Texts", "Verified", "reading_requests", "verify"]

_LITTLE_CONSISTENCY = 0.7


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts that a judge reads.

    Attributes:
        source: The documents.
        contrast: The pairs, or documents of each side, to read.
        bases: Those in which sentences may be planted.
        covariates: What adjusted estimates control for.
        is_independent: Whether the texts to read had no part in finding what is claimed.
    """

    source: NamedStore
    contrast: Contrast
    bases: Contrast
    covariates: Covariates
    is_independent: bool


@dataclass(frozen=True)
class Verified:
    """Claims with what reading said of them.

    Attributes:
        claims: A claim for each statement, in their order.
        judge: What is known of the judge; None if nobody was asked.
        n_read: Pairs, or texts, that were read.
        coverage: Share of these of which at least one claim that is borne out is true on its own
            side; NaN without such claims.
        warnings: What to be careful about.
    """

    claims: tuple[Claim, ...]
    judge: Judge | None
    n_read: int
    coverage: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Round:
    """One round: what is read, what is planted, and the calls."""

    texts: Texts
    n_too_long: int
    planted: list[Planted]
    calls: list[Call]

    @property
    def requests(self) -> list[Request]:
        return [call.question.request() for call in self.calls]


def reading_requests(
    statements: Sequence[Statement], shown: Sequence[Shown], texts: Texts, settings: ClaimSettings
) -> list[Request]:
    """The requests that `verify` would make."""
    return _round_of(statements, shown, texts, settings).requests


def verify(
    statements: Sequence[Statement],
    shown: Sequence[Shown],
    texts: Texts,
    llm: LLM | None,
    *,
    settings: ClaimSettings,
    progress: Callable[[str, int, int], None] | None = None,
) -> Verified:
    """Whether statements are true more often on the side that they name.

    Args:
        statements: The statements.
        shown: The findings that they were made from.
        texts: The texts to read.
        llm: The judge; None to read nothing.
        settings: The settings.
        progress: Callback with the purpose, the number of answers so far, and of all.

    Raises:
        EndpointRefused: The judge cannot be asked.
        BudgetTooSmall: The budget does not allow the planted texts.
        AnswersMissing: Requests wait for answers.
    """
    if llm is None or not settings.verify or not statements:
        return Verified(not_read(statements, shown), None, 0, math.nan, ())
    one = _round_of(statements, shown, texts, settings)
    requests = one.requests
    llm.check_budget(requests[: sum(call.role == "planted" for call in one.calls)])
    answers = llm.ask(
        requests,
        progress=None if progress is None else lambda done, n: progress("verify", done, n),
    )
    readings = Readings.of(one.calls, answers)
    judge = judge_of(readings, statements, one.planted)
    read = Read(
        one.texts.source, one.texts.contrast, one.texts.covariates, readings, judge,
        one.texts.is_independent,
    )  # fmt: skip
    claims = claims_of(statements, shown, read, settings)
    return Verified(
        claims,
        judge,
        _n_units(one.texts.contrast),
        _coverage(claims, readings, _n_units(one.texts.contrast)),
        tuple(_warnings(judge, claims, one)),
    )


def _round_of(
    statements: Sequence[Statement], shown: Sequence[Shown], texts: Texts, settings: ClaimSettings
) -> _Round:
    texts, n_too_long = _short_enough(texts, settings.max_characters)
    planted = plant(
        texts.source, statements, shown, texts.bases, n=settings.n_planted, seed=settings.seed
    )
    calls = calls_of(
        statements, _units(texts, settings.prompt), planted, per_call=settings.per_call,
        checks=settings.checks, seed=settings.seed,
    )  # fmt: skip
    return _Round(texts, n_too_long, planted, calls)


def _short_enough(texts: Texts, most: int) -> tuple[Texts, int]:
    """The texts without pairs, or documents, that are too long to be read whole."""
    rows = texts.contrast.rows
    is_short: DocumentMask = np.zeros(texts.source.n_documents, dtype=bool)
    is_short[rows] = [len(one) <= most for one in texts.source.texts(rows.tolist())]
    contrast = texts.contrast.among(is_short)
    n_lost = _n_units(texts.contrast) - _n_units(contrast)
    return replace(texts, contrast=contrast), n_lost


def _n_units(contrast: Contrast) -> int:
    return len(contrast.target_rows) if contrast.is_paired else contrast.n_documents


def _units(texts: Texts, prompt: str | None) -> list[Unit]:
    source, contrast = texts.source, texts.contrast
    prompts = None if prompt is None else source.column(prompt)

    def prompt_of(row: int) -> str | None:
        given = None if prompts is None else prompts[row]
        return str(given) if given is not None and given == given else None

    if contrast.is_paired:
        target, reference = (
            source.texts(rows.tolist()) for rows in (contrast.target_rows, contrast.reference_rows)
        )
        return [
            Unit((one, other), prompt_of(row))
            for one, other, row in zip(
                target, reference, contrast.target_rows.tolist(), strict=True
            )
        ]
    rows = contrast.rows.tolist()
    return [Unit((one,), prompt_of(row)) for one, row in zip(source.texts(rows), rows, strict=True)]


def _coverage(claims: Sequence[Claim], readings: Readings, n_units: int) -> float:
    """Share of the units of which some claim that is borne out is true on its side alone."""
    borne_out = [i for i, one in enumerate(claims) if one.is_borne_out]
    if not borne_out or not n_units:
        return math.nan
    covered = set()
    for i in borne_out:
        own = (claims[i].side == "target", claims[i].side != "target")
        covered |= {
            unit for unit, one in readings.decisions("verdict", i).items()
            if one.has in (own, (True,))
        }  # fmt: skip
    return len(covered) / n_units


def _warnings(judge: Judge, claims: Sequence[Claim], one: _Round) -> list[str]:
    found = []
    if one.n_too_long:
        what = "pairs" if one.texts.contrast.is_paired else "texts"
        found.append(f"{one.n_too_long:,} {what} were too long to be read whole, and left out")
    if not judge.is_measured:
        found.append(
            "too few texts could be planted to measure the judge's error: sizes are as judged"
        )
    if judge.is_uneven:
        found.append(
            "the judge finds planted sentences more often on one side than on the other: no size "
            "is corrected"
        )
    if judge.consistency < _LITTLE_CONSISTENCY:
        found.append(
            f"only {judge.consistency:.0%} of verdicts are the same in both orders: the judge "
            "goes by position"
        )
    if judge.negations_passing:
        found.append(
            f"{judge.negations_passing} of {judge.n_negations} negations were found more often on "
            "the claim's own side: the judge may go by the topic of a statement"
        )
    n_unread = sum(one.n_unread for one in claims)
    if n_unread:
        found.append(f"{n_unread:,} verdicts could not be read; they count for nothing")
    return found

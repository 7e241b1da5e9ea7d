"""Do two properties go together when texts are read? Documents drawn by the features, judged blind.

Some documents of each cell of the feature table (both features, the first alone, the second alone,
neither) are read whole for the first property and, in another call, for the second. Each stands for
its cell. So the features only say where to look: what they miss or invent is found in the cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from corpuscope.analyses.correlate.property_questions import (
    ReadProperty,
    Verdict,
    passage,
    property_request,
    verdict_in,
)
from corpuscope.analyses.correlate.views import View
from corpuscope.analyses.results.evidence import DocumentEvidence, ShownDocument
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.shapes import DocumentMask, PerDocument, Rows
from corpuscope.statistics.judges.judged_npmi import JudgedNPMI, judged_npmi
from corpuscope.statistics.judges.judged_rates import KnownAnswers

__all__ = [
    "DrawnPair",
    "JudgedCell",
    "VerifiedPair",
    "VerifiedWord",
    "drawn_pair",
    "pair_reading_requests",
    "verified_pairs",
]

VerifiedWord = Literal["confirmed", "refuted", "undecided", "too_few"]

_CELLS = ("both", "first", "second", "neither")
_LEAST_POSITIVE, _LEAST_JOINT = 10, 5
_N_PASSAGES, _LEAST_PASSAGES = 3, 2
# As for claims: longer texts are left out and counted, never cut.
_MOST_CHARACTERS = 24_000

_Texts = tuple[str, str]
_Verdicts = tuple[Verdict | None, Verdict | None]


@dataclass(frozen=True, slots=True)
class JudgedCell:
    """The documents of one cell of the feature table.

    Attributes:
        name: "both", "first", "second" or "neither": which features its documents have.
        n: Its documents.
        n_drawn: Those drawn to be read.
        n_judged: Those of which both properties were decided.
        n_a: Judged ones with the first property.
        n_b: Judged ones with the second.
        n_both: Judged ones with both.
    """

    name: str
    n: int
    n_drawn: int
    n_judged: int
    n_a: int
    n_b: int
    n_both: int


@dataclass(frozen=True, slots=True)
class VerifiedPair:
    """What reading says of a pair.

    Attributes:
        word: `too_few`: under 10 judged texts with either property, or 5 with both; `confirmed`:
            the interval lies above 0; `refuted`: below half of `min_npmi`; else `undecided`.
        sentence_a: What texts were read for: the first name in a sentence.
        sentence_b: The same of the second.
        rate_a: Share of all documents with the first property, as judged (or corrected).
        rate_b: The same of the second.
        rate_both: The same of both.
        npmi: Their NPMI; NaN if cells of which nothing was judged have over 5 % of the documents.
        interval: Its 95 % interval.
        interval_of_all: The 95 % interval of the NPMI that judging all documents would give.
        cells: Documents drawn and judged, by cell.
        n_unclear: Documents of which a property was unclear; they leave.
        n_unread: Documents without a readable verdict, or too long to be read whole; they leave.
    """

    word: VerifiedWord
    sentence_a: str
    sentence_b: str
    rate_a: float
    rate_b: float
    rate_both: float
    npmi: float
    interval: tuple[float, float]
    interval_of_all: tuple[float, float]
    cells: tuple[JudgedCell, ...]
    n_unclear: int
    n_unread: int


@dataclass(frozen=True, eq=False)
class DrawnPair:
    """The documents by which a pair is to be verified.

    Attributes:
        properties: What they are read for.
        sizes: Documents in each cell, those shown as passages included.
        cells: The cell of each drawn document.
        texts: What is read of each for the first property, and for the second; None if too long.
    """

    properties: tuple[ReadProperty, ReadProperty]
    sizes: tuple[int, ...]
    cells: tuple[int, ...]
    texts: tuple[_Texts | None, ...]


def drawn_pair(
    views: tuple[View, View], columns: tuple[int, int], names: tuple[str, str], *,
    per_cell: int, seed: int,
) -> DrawnPair:  # fmt: skip
    """Draws documents by cell; those shown as passages are not drawn.

    Args:
        views: The views of the included documents: only these are drawn.
        columns: The column of each feature.
        names: The name of each feature.
        per_cell: How many documents of each cell are drawn; all if it has fewer.
        seed: Random seed. A larger `per_cell` only adds documents.
    """
    cell_of = _cells(views, columns)
    shown = [_passages(view, column, cell_of, alone) for view, column, alone in zip(
        views, columns, (1, 2), strict=True)]  # fmt: skip
    is_shown = np.zeros(len(cell_of), dtype=bool)
    for view, found in zip(views, shown, strict=True):
        is_shown |= np.isin(view.rows, [row for row, _ in found])
    places = _drawn_places(cell_of, is_shown, per_cell=per_cell, seed=seed)
    one, other = (view.source.texts(view.rows[places].tolist()) for view in views)
    first, second = (
        ReadProperty(name, tuple(passage(entry) for _, entry in found))
        for name, found in zip(names, shown, strict=True)
    )
    return DrawnPair(
        (first, second),
        tuple(np.bincount(cell_of, minlength=len(_CELLS)).tolist()),
        tuple(cell_of[places].tolist()),
        tuple(
            texts if max(map(len, texts)) <= _MOST_CHARACTERS else None
            for texts in zip(one, other, strict=True)
        ),
    )


def _cells(views: tuple[View, View], columns: tuple[int, int]) -> PerDocument:
    """The cell of each included document."""
    has_a, has_b = (
        view.presence[:, [column]].toarray().reshape(-1) != 0
        for view, column in zip(views, columns, strict=True)
    )
    cells: PerDocument = np.where(has_a, np.where(has_b, 0, 1), np.where(has_b, 2, 3))
    return cells


def _passages(view: View, column: int, cell_of: PerDocument, alone: int) -> list[ShownDocument]:
    """The clearest documents with a feature: those without the other, which must not be shown.

    At most half of these, since some must be read. Documents with both are few and needed: they
    make up for others only up to two passages.
    """
    name = view.columns.name(column)
    rows = view.rows[cell_of == alone]
    n_shown = min(_N_PASSAGES, len(rows) // 2)
    found = DocumentEvidence(view.source, {}, n_shown).best(name, [rows], "a")
    n_missing = _LEAST_PASSAGES - len(found)
    if n_missing > 0:
        rows = view.rows[cell_of == 0]
        found += DocumentEvidence(view.source, {}, n_missing).best(name, [rows], "a")
    return found


def _drawn_places(
    cell_of: PerDocument, is_shown: DocumentMask, *, per_cell: int, seed: int
) -> Rows:
    """Positions of documents drawn at random, by turns from each cell."""
    found: list[tuple[int, int]] = []
    for cell in range(len(_CELLS)):
        rng = np.random.default_rng([seed, cell])
        places = np.flatnonzero((cell_of == cell) & ~is_shown)
        # By turns, so that a run that is cut short has read some of each.
        found += enumerate(rng.permutation(places)[:per_cell].tolist())
    return np.array([place for _, place in sorted(found)], dtype=np.int64)


def pair_reading_requests(drawn: DrawnPair) -> list[Request]:
    """Two requests for each document that can be read: the first property, and the second."""
    return [
        property_request(one, document)
        for texts in drawn.texts if texts is not None
        for one, document in zip(drawn.properties, texts, strict=True)
    ]  # fmt: skip


def verified_pairs(
    drawn: Sequence[DrawnPair],
    llm: LLM,
    *,
    min_npmi: float,
    known: KnownAnswers | None = None,
    seed: int = 0,
) -> list[VerifiedPair]:
    """What reading says of each pair.

    Args:
        drawn: The documents to read.
        llm: The judge.
        min_npmi: Below half of this a pair is refuted.
        known: What the judge said of texts whose answer is known; rates are then corrected.
        seed: Random seed of the intervals.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    answers = iter(llm.ask([one for pair in drawn for one in pair_reading_requests(pair)]))
    answer: list[VerifiedPair] = []
    for pair in drawn:
        said: list[_Verdicts] = [
            (None, None)
            if texts is None
            else (verdict_in(next(answers)), verdict_in(next(answers)))
            for texts in pair.texts
        ]
        answer.append(_verified(pair, said, min_npmi=min_npmi, known=known, seed=seed))
    return answer


def _verified(
    pair: DrawnPair, said: Sequence[_Verdicts], *, min_npmi: float, known: KnownAnswers | None,
    seed: int,
) -> VerifiedPair:  # fmt: skip
    counts = np.zeros((len(_CELLS), len(_CELLS)), dtype=np.int64)
    n_unclear = n_unread = 0
    for cell, (a, b) in zip(pair.cells, said, strict=True):
        if a is None or b is None:
            n_unread += 1
        elif "unclear" in (a, b):
            n_unclear += 1
        else:
            counts[cell, 2 * (a == "no") + (b == "no")] += 1
    found = judged_npmi(
        np.array(pair.sizes), counts, known=None if known is None else (known, known), seed=seed
    )
    cells = tuple(
        JudgedCell(
            name, size, pair.cells.count(at), int(own.sum()), int(own[0] + own[1]),
            int(own[0] + own[2]), int(own[0]),
        )
        for at, (name, size, own) in enumerate(zip(_CELLS, pair.sizes, counts, strict=True))
    )  # fmt: skip
    return VerifiedPair(
        word=_word(found, cells, min_npmi),
        sentence_a=pair.properties[0].sentence,
        sentence_b=pair.properties[1].sentence,
        rate_a=found.rate_a,
        rate_b=found.rate_b,
        rate_both=found.rate_both,
        npmi=found.value,
        interval=found.interval,
        interval_of_all=found.interval_of_all,
        cells=cells,
        n_unclear=n_unclear,
        n_unread=n_unread,
    )


def _word(found: JudgedNPMI, cells: Sequence[JudgedCell], min_npmi: float) -> VerifiedWord:
    n_a, n_b, n_both = (
        sum(getattr(one, name) for one in cells) for name in ("n_a", "n_b", "n_both")
    )
    if min(n_a, n_b) < _LEAST_POSITIVE or n_both < _LEAST_JOINT:
        return "too_few"
    lower, upper = found.interval
    if lower > 0:
        return "confirmed"
    return "refuted" if upper < min_npmi / 2 else "undecided"

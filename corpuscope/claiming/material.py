"""What findings look like to whoever states claims from them: labels and passages, no numbers."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.diff.finding import Finding
from corpuscope.analyses.diff.kinds import KindDifference
from corpuscope.analyses.diff.result import DiffResult
from corpuscope.claiming.statement import Side
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, Rows
from corpuscope.store.evidence import Evidence

_WORDS_SHOWN = 40
_SHOWN_PASSAGES = 3
_MEMBERS = 4
_SURE = 0.05
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document.

    Attributes:
        row: The document, counted from 0.
        id: Its id.
        text: The document's whole text.
        start: Where the part begins.
        end: Where it ends.
        peak: The characters at which the finding is strongest; an empty range if it is absent.
    """

    row: int
    id: str
    text: str
    start: int
    end: int
    peak: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Shown:
    """A finding as it is shown.

    Attributes:
        side: The group in which it is more frequent.
        difference: How much more frequent it is in the target; not shown.
        name: Its label.
        hints: The same with labels of other members of its family, as it is shown.
        features: Its features.
        has: The documents that have its strongest feature, or a sentence of its kind.
        passages: Passages of its side.
        other: A passage of the other side, without it; None if there is none.
    """

    side: Side
    difference: float
    name: str
    hints: str
    features: tuple[int | str, ...]
    has: DocumentMask
    passages: tuple[Passage, ...]
    other: Passage | None


def material_of(
    source: NamedStore, found: DiffResult, contrast: Contrast, *, n: int, seed: int
) -> list[Shown]:
    """The findings to state claims from, most significant first, at most `n`.

    Kinds of sentences that differ come first, then findings, then those that are significant
    only before length adjustment: reading will tell whether they are more than length.

    Args:
        source: The documents.
        found: The differences.
        contrast: The documents compared.
        n: The most findings.
        seed: The random seed.
    """
    rng = np.random.default_rng(seed)
    kinds = [one for one in found.sentence_kinds if one.p_value <= _SURE]
    shown = [_of_kind(source, one, contrast, rng) for one in kinds]
    beside = found.unadjusted.without(found, n=n) if found.parameters["adjust"] else None
    for result in (found, beside):
        if result is not None:
            shown += [
                _of_finding(source, result, i, contrast, rng)
                for i in range(min(len(result.findings), n))
            ]
    return shown[:n]


def _of_finding(
    source: NamedStore, found: DiffResult, i: int, contrast: Contrast, rng: np.random.Generator
) -> Shown:
    finding: Finding = found.findings[i]
    side: Side = "target" if finding.difference > 0 else "reference"
    evidence = found.evidence_source.of_side(finding.feature, finding.against, side)
    has = np.zeros(source.n_documents, dtype=bool)
    has[found.evidence_source.rows_of[finding.feature]] = True
    return Shown(
        side=side,
        difference=finding.difference,
        name=finding.label,
        hints=_label(finding.label, [one.label for one in finding.members]),
        features=finding.features,
        has=has,
        passages=tuple(_passage(row, one) for row, one in evidence[:_SHOWN_PASSAGES]),
        other=_without(source, _rows_of(contrast, _opposite(side)), has, rng),
    )


def _of_kind(
    source: NamedStore, kind: KindDifference, contrast: Contrast, rng: np.random.Generator
) -> Shown:
    rows = {
        source.ids[row]: row for row, _, _ in itertools.islice(kind.learned.strongest(), _LOOKED_AT)
    }
    has = np.asarray(kind.learned.presence()[:, [0]].todense()).astype(bool).reshape(-1)
    side: Side = "target" if kind.side == "target" else "reference"
    return Shown(
        side=side,
        difference=kind.difference,
        name="kind of sentence",
        hints="a kind of sentence, with " + ", ".join(kind.features.values()),
        features=tuple(kind.features),
        has=has,
        passages=tuple(_passage(rows[one.id], one) for one in kind.evidence if one.id in rows)[
            :_SHOWN_PASSAGES
        ],
        other=_without(source, _rows_of(contrast, _opposite(side)), has, rng),
    )


def _label(label: str, members: Sequence[str]) -> str:
    others = [name for name in dict.fromkeys(members) if name != label][:_MEMBERS]
    return "; also ".join(filter(None, (label, ", ".join(others))))


def _opposite(side: Side) -> Side:
    return "reference" if side == "target" else "target"


def _rows_of(contrast: Contrast, side: Side) -> Rows:
    return contrast.target_rows if side == "target" else contrast.reference_rows


def _passage(row: int, evidence: Evidence) -> Passage:
    peak = evidence.spans[0] if evidence.spans else (0, 0)
    start, end = words_around(evidence.text, peak, _WORDS_SHOWN)
    return Passage(row, evidence.id, evidence.text, start, end, peak)


def _without(
    source: NamedStore, rows: Rows, has: DocumentMask, rng: np.random.Generator
) -> Passage | None:
    """The beginning of a random document that has none of the features."""
    lacking = rows[~has[rows]]
    if not len(lacking):
        return None
    row = int(rng.choice(lacking))
    (id,), (text,) = source.ids_of([row]), source.texts([row])
    start, end = words_around(text, (0, 0), _WORDS_SHOWN)
    return Passage(row, id, text, start, end, (0, 0))


def words_around(text: str, span: tuple[int, int], n: int) -> tuple[int, int]:
    """The bounds of about `n` words of which those of a span are in the middle.

    Example:
        >>> start, end = words_around("one two three four five", (8, 13), 3)
        >>> "one two three four five"[start:end]
        'two three four'
    """
    words = list(_words(text))
    if not words:
        return 0, 0
    first = next((i for i, (_, end) in enumerate(words) if end > span[0]), len(words) - 1)
    last = next((i for i, (_, end) in enumerate(words) if end >= span[1]), len(words) - 1)
    spare = max(0, n - (last - first + 1))
    begin = max(0, first - spare // 2)
    stop = min(len(words), begin + max(n, last - first + 1))
    begin = max(0, min(begin, stop - n))
    return words[begin][0], words[stop - 1][1]


def _words(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in re.finditer(r"\S+", text))

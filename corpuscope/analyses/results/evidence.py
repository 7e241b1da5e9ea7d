"""Evidence for findings: documents that have a feature, and the spans where it is present."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, Rows
from corpuscope.store.evidence import Evidence
from corpuscope.store.lexical import spans

# Candidates examined per document wanted, since near duplicates are skipped.
_LOOKED_AT = 4

# Texts with at least this Jaccard index of their words are near duplicates to a reader.
_SAME_WORDS = 0.8

ShownDocument = tuple[int, Evidence]


@dataclass(frozen=True, eq=False)
class DocumentEvidence:
    """Finds the documents that show a feature best.

    Attributes:
        source: The texts.
        rows_of: The documents in which each reported feature is present.
        n: Number of documents to show per side.
    """

    source: NamedStore
    rows_of: Mapping[int | str, Rows]
    n: int

    def best(self, feature: int | str, choices: Sequence[Rows], side: str) -> list[ShownDocument]:
        """Distinct texts with the feature: in the order of `choices`, each by strength."""
        return distinct(self._shown(feature, choices, side), self.n)

    def _shown(
        self, feature: int | str, choices: Sequence[Rows], side: str
    ) -> Iterator[ShownDocument]:
        for rows in choices:
            if isinstance(feature, str):
                yield from self._with_word(feature, rows, side)
            elif len(rows):
                yield from self.source.strongest(feature, rows, n=_LOOKED_AT * self.n, side=side)

    def _with_word(self, name: str, rows: Rows, side: str) -> list[ShownDocument]:
        """A spread sample of the documents with the word, those with most occurrences first."""
        wanted = min(len(rows), _LOOKED_AT * self.n)
        spread = np.linspace(0, len(rows) - 1, wanted).round().astype(np.int64)
        chosen = np.sort(rows)[spread].tolist()
        found = self._counted(name, chosen, side)
        return sorted(found, key=lambda entry: -entry[1].strength)

    def _counted(self, name: str, rows: Sequence[int], side: str) -> list[ShownDocument]:
        """The documents with a span for each occurrence; strength is the number of these."""
        found = []
        for row, id, text in zip(
            rows, self.source.ids_of(rows), self.source.texts(rows), strict=True
        ):
            places = tuple((start, end) for start, end in spans(text, name))
            found.append((row, Evidence(id, text, side, places, float(len(places)))))
        return found

    def of_rows(self, feature: int | str, rows: Sequence[int], side: str) -> list[Evidence]:
        """These documents in order; those without the feature have no spans."""
        if isinstance(feature, str):
            return [evidence for _, evidence in self._counted(feature, rows, side)]
        has = np.array([row for row in rows if row in set(self.rows_of[feature].tolist())], int)
        shown = (
            dict(self.source.strongest(feature, has, n=len(rows), side=side)) if len(has) else {}
        )
        ids, texts = self.source.ids_of(rows), self.source.texts(rows)
        return [
            shown.get(row, Evidence(id, text, side, (), 0.0))
            for row, id, text in zip(rows, ids, texts, strict=True)
        ]


def rows_of(columns: TestedFeatures, leaders: CandidateOrder) -> dict[int | str, Rows]:
    """The documents in which each of these columns is present, by its name."""
    presence = columns.presence[:, leaders].tocsc()
    return {
        columns.name(int(leader)): presence.indices[start:end].astype(np.int64)
        for leader, start, end in zip(leaders, presence.indptr, presence.indptr[1:], strict=False)
    }


def as_json(evidence: Evidence) -> dict[str, object]:
    """The evidence under the keys of the JSON format."""
    return {
        "id": evidence.id,
        "text": evidence.text,
        "side": evidence.side,
        "spans": [list(span) for span in evidence.spans],
        "strength": evidence.strength,
    }


def distinct(found: Iterable[ShownDocument], n: int) -> list[ShownDocument]:
    """The first `n` documents that are no near duplicates of earlier ones."""
    kept: list[ShownDocument] = []
    seen: list[set[str]] = []
    for row, evidence in found:
        if len(kept) == n:
            break
        words = set(re.findall(r"\w+", evidence.text.lower()))
        if not any(_is_double(words, other) for other in seen):
            kept.append((row, evidence))
            seen.append(words)
    return kept


def _is_double(words: set[str], other: set[str]) -> bool:
    return len(words & other) >= _SAME_WORDS * len(words | other)

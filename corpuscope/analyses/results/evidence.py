"""The documents that show a finding, and the characters where they do."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, Rows
from corpuscope.store.evidence import Evidence
from corpuscope.store.lexical import spans

# So many times the evidence wanted is looked at, for doubles are passed over.
_LOOKED_AT = 4

# Texts that share so much of their words are doubles to a reader.
_SAME_WORDS = 0.8

ShownDocument = tuple[int, Evidence]


@dataclass(frozen=True, eq=False)
class Showing:
    """Finds the documents that show a feature best.

    Attributes:
        source: The texts.
        rows_of: In which documents each feature that may be shown is present.
        n: How many documents are wanted on each side.
    """

    source: NamedStore
    rows_of: Mapping[int | str, Rows]
    n: int

    def best(self, feature: int | str, choices: Sequence[Rows], side: str) -> list[ShownDocument]:
        """Different texts with the feature: strongest first, the first choices before others."""
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
        """Of documents spread over all that have it, those that have it most often first."""
        wanted = min(len(rows), _LOOKED_AT * self.n)
        spread = np.linspace(0, len(rows) - 1, wanted).round().astype(np.int64)
        chosen = np.sort(rows)[spread].tolist()
        found = self._counted(name, chosen, side)
        return sorted(found, key=lambda entry: -entry[1].strength)

    def _counted(self, name: str, rows: Sequence[int], side: str) -> list[ShownDocument]:
        """The documents, with every place that has the word; strength is how many there are."""
        found = []
        for row, id, text in zip(
            rows, self.source.ids_of(rows), self.source.texts(rows), strict=True
        ):
            places = tuple((start, end) for start, end in spans(text, name))
            found.append((row, Evidence(id, text, side, places, float(len(places)))))
        return found

    def of_rows(self, feature: int | str, rows: Sequence[int], side: str) -> list[Evidence]:
        """These documents, in order; without spans where they lack the feature."""
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
    """In which documents each of these columns is present, by its name."""
    presence = columns.presence[:, leaders].tocsc()
    return {
        columns.name(int(leader)): presence.indices[start:end].astype(np.int64)
        for leader, start, end in zip(leaders, presence.indptr, presence.indptr[1:], strict=False)
    }


def as_json(evidence: Evidence) -> dict[str, object]:
    """An evidence entry under its fixed names."""
    return {
        "id": evidence.id,
        "text": evidence.text,
        "side": evidence.side,
        "spans": [list(span) for span in evidence.spans],
        "strength": evidence.strength,
    }


def distinct(found: Iterable[ShownDocument], n: int) -> list[ShownDocument]:
    """The first `n` whose texts are not nearly those of one before."""
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

"""The documents that show a finding, and the characters where they do."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.columns import Columns
from corpuscope.analyses.groups import Contrast, Rows
from corpuscope.analyses.ordered_groups import OrderedGroups
from corpuscope.analyses.source import Source
from corpuscope.shapes import CandidateOrder, DocumentMask
from corpuscope.store import Evidence
from corpuscope.store.lexical import spans

# So many times the evidence wanted is looked at, for doubles are passed over.
_LOOKED_AT = 4

# Texts that share so much of their words are doubles to a reader.
_SAME_WORDS = 0.8

Found = tuple[int, Evidence]


@dataclass(frozen=True, eq=False)
class Showing:
    """Finds the documents that show a feature best.

    Attributes:
        source: The texts.
        rows_of: In which documents each feature that may be shown is present.
        n: How many documents are wanted on each side.
    """

    source: Source
    rows_of: Mapping[int | str, Rows]
    n: int

    def best(self, feature: int | str, choices: Sequence[Rows], side: str) -> list[Found]:
        """Different texts with the feature: strongest first, the first choices before others."""
        return distinct(self._shown(feature, choices, side), self.n)

    def _shown(self, feature: int | str, choices: Sequence[Rows], side: str) -> Iterator[Found]:
        for rows in choices:
            if isinstance(feature, str):
                yield from self._with_word(feature, rows, side)
            elif len(rows):
                yield from self.source.strongest(feature, rows, n=_LOOKED_AT * self.n, side=side)

    def _with_word(self, name: str, rows: Rows, side: str) -> list[Found]:
        """Of documents spread over all that have it, those that have it most often first."""
        wanted = min(len(rows), _LOOKED_AT * self.n)
        spread = np.linspace(0, len(rows) - 1, wanted).round().astype(np.int64)
        chosen = np.sort(rows)[spread].tolist()
        found = self._counted(name, chosen, side)
        return sorted(found, key=lambda entry: -entry[1].strength)

    def _counted(self, name: str, rows: Sequence[int], side: str) -> list[Found]:
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


@dataclass(frozen=True, eq=False)
class EvidenceOfDiff(Showing):
    """Where to look for evidence of a difference.

    Attributes:
        contrasts: The documents of both sides, by the name of the other group.
    """

    contrasts: Mapping[str, Contrast]

    def of(self, feature: int | str, against: str) -> list[Evidence]:
        """Documents with the feature, of the target first, then of the other group."""
        return [
            evidence
            for side in ("target", "reference")
            for _, evidence in self._of_side(feature, against, side)
        ]

    def pairs(
        self, feature: int | str, against: str, *, leading: str
    ) -> list[tuple[Evidence, Evidence]]:
        """Pairs of which the one of the `leading` side has the feature, the other shown beside."""
        contrast = self.contrasts[against]
        assert contrast.keys is not None
        is_target = leading == "target"
        others_rows = contrast.reference_rows if is_target else contrast.target_rows
        has = set(self.rows_of[feature].tolist())
        # Of several documents of a key the last one that lacks the feature stands beside.
        partner = {
            int(contrast.keys[row]): row
            for row in sorted(others_rows.tolist(), key=lambda row: row not in has)
        }
        shown = self._of_side(feature, against, leading)
        others = self.of_rows(
            feature,
            [partner[int(contrast.keys[row])] for row, _ in shown],
            "reference" if is_target else "target",
        )
        both = [(evidence, other) for (_, evidence), other in zip(shown, others, strict=True)]
        return both if is_target else [(other, evidence) for evidence, other in both]

    def _of_side(self, feature: int | str, against: str, side: str) -> list[Found]:
        """What only this document of its pair has comes first, then the strongest."""
        contrast = self.contrasts[against]
        rows = contrast.target_rows if side == "target" else contrast.reference_rows
        present = np.isin(rows, self.rows_of[feature])
        if contrast.keys is None:
            return self.best(feature, [rows[present]], side)
        others = contrast.reference_rows if side == "target" else contrast.target_rows
        others = others[np.isin(others, self.rows_of[feature])]
        alone = present & ~np.isin(contrast.keys[rows], contrast.keys[others])
        return self.best(feature, [rows[alone], rows[present & ~alone]], side)


@dataclass(frozen=True, eq=False)
class EvidenceOfTrend(Showing):
    """Where to look for evidence of a trend; sides are the names of groups.

    Attributes:
        groups: The documents of each group.
    """

    groups: OrderedGroups

    def of(self, feature: int | str, *, rises: bool) -> list[Evidence]:
        """Documents with the feature: of the end where it is frequent, then of the other."""
        ends = (self.groups.later, self.groups.earlier)
        frequent, rare = ends if rises else ends[::-1]
        found = self._of_end(feature, frequent, rare) + self._of_end(feature, rare, frequent)
        return [self._told(row, evidence) for row, evidence in found]

    def series(self, feature: int | str, *, rises: bool) -> list[list[Evidence]]:
        """For some keys the documents of all their groups, first to last."""
        ends = (self.groups.later, self.groups.earlier)
        frequent, rare = ends if rises else ends[::-1]
        shown = [row for row, _ in self._of_end(feature, frequent, rare)]
        keys = list({int(self.groups.keys[row]): row for row in shown}.values())
        series = [self.groups.of_key(row).tolist() for row in keys]
        return [
            [self._told(row, one) for row, one in zip(rows, self.of_rows(feature, rows, ""),
                                                      strict=True)]
            for rows in series
        ]  # fmt: skip

    def _of_end(self, feature: int | str, here: DocumentMask, there: DocumentMask) -> list[Found]:
        """What is only on this end of its key comes first, then the strongest."""
        has = self.rows_of[feature]
        rows = has[here[has]]
        if not self.groups.is_paired:
            return self.best(feature, [rows], "")
        is_alone = ~np.isin(self.groups.keys[rows], self.groups.keys[has[there[has]]])
        return self.best(feature, [rows[is_alone], rows[~is_alone]], "")

    def _told(self, row: int, evidence: Evidence) -> Evidence:
        return replace(evidence, side=self.groups.names[int(self.groups.positions[row])])


def rows_of(columns: Columns, leaders: CandidateOrder) -> dict[int | str, Rows]:
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


def distinct(found: Iterable[Found], n: int) -> list[Found]:
    """The first `n` whose texts are not nearly those of one before."""
    kept: list[Found] = []
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

"""Evidence for a trend: documents that have the feature."""

from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.results.evidence import DocumentEvidence, ShownDocument
from corpuscope.analyses.trend.ordered_groups import OrderedGroups
from corpuscope.shapes import DocumentMask
from corpuscope.store.evidence import Evidence


@dataclass(frozen=True, eq=False)
class EvidenceOfTrend(DocumentEvidence):
    """Finds evidence for a trend; `side` is the name of the document's group.

    Attributes:
        groups: The documents of each group.
    """

    groups: OrderedGroups

    def of(self, feature: int | str, *, rises: bool) -> list[Evidence]:
        """Documents with the feature: from the half of the groups where it is frequent first."""
        ends = (self.groups.later, self.groups.earlier)
        frequent, rare = ends if rises else ends[::-1]
        found = self._of_end(feature, frequent, rare) + self._of_end(feature, rare, frequent)
        return [self._with_side(row, evidence) for row, evidence in found]

    def series(self, feature: int | str, *, rises: bool) -> list[list[Evidence]]:
        """The documents of some keys, over all their groups from first to last."""
        ends = (self.groups.later, self.groups.earlier)
        frequent, rare = ends if rises else ends[::-1]
        shown = [row for row, _ in self._of_end(feature, frequent, rare)]
        # One row per key, in order of first occurrence.
        keys = list({int(self.groups.keys[row]): row for row in shown}.values())
        series = [self.groups.of_key(row).tolist() for row in keys]
        return [
            [
                self._with_side(row, one)
                for row, one in zip(rows, self.of_rows(feature, rows, ""), strict=True)
            ]
            for rows in series
        ]

    def _of_end(
        self, feature: int | str, here: DocumentMask, there: DocumentMask
    ) -> list[ShownDocument]:
        """Documents of keys with the feature at this end only come first, then by strength."""
        has = self.rows_of[feature]
        rows = has[here[has]]
        if not self.groups.is_paired:
            return self.best(feature, [rows], "")
        is_alone = ~np.isin(self.groups.keys[rows], self.groups.keys[has[there[has]]])
        return self.best(feature, [rows[is_alone], rows[~is_alone]], "")

    def _with_side(self, row: int, evidence: Evidence) -> Evidence:
        return replace(evidence, side=self.groups.names[int(self.groups.positions[row])])

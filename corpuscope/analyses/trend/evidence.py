"""The documents that show a trend."""

from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.results.evidence import Showing, ShownDocument
from corpuscope.analyses.trend.ordered_groups import OrderedGroups
from corpuscope.shapes import DocumentMask
from corpuscope.store.evidence import Evidence


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

    def _of_end(
        self, feature: int | str, here: DocumentMask, there: DocumentMask
    ) -> list[ShownDocument]:
        """What is only on this end of its key comes first, then the strongest."""
        has = self.rows_of[feature]
        rows = has[here[has]]
        if not self.groups.is_paired:
            return self.best(feature, [rows], "")
        is_alone = ~np.isin(self.groups.keys[rows], self.groups.keys[has[there[has]]])
        return self.best(feature, [rows[is_alone], rows[~is_alone]], "")

    def _told(self, row: int, evidence: Evidence) -> Evidence:
        return replace(evidence, side=self.groups.names[int(self.groups.positions[row])])

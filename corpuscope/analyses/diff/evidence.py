"""The documents that show a difference."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.results.evidence import Showing, ShownDocument
from corpuscope.store.evidence import Evidence


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

    def _of_side(self, feature: int | str, against: str, side: str) -> list[ShownDocument]:
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

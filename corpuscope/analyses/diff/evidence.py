"""Evidence for a difference: documents that have the feature."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.results.evidence import DocumentEvidence, ShownDocument
from corpuscope.store.evidence import Evidence


@dataclass(frozen=True, eq=False)
class EvidenceOfDiff(DocumentEvidence):
    """Finds evidence for a difference.

    Attributes:
        contrasts: The contrasts, by the name of the reference group.
    """

    contrasts: Mapping[str, Contrast]

    def of(self, feature: int | str, against: str) -> list[Evidence]:
        """Documents with the feature: the target's, then the reference's."""
        return [
            evidence
            for side in ("target", "reference")
            for _, evidence in self.of_side(feature, against, side)
        ]

    def pairs(
        self, feature: int | str, against: str, *, leading: str
    ) -> list[tuple[Evidence, Evidence]]:
        """Pairs whose document on the `leading` side has the feature, as (target, reference)."""
        contrast = self.contrasts[against]
        assert contrast.keys is not None
        is_target = leading == "target"
        others_rows = contrast.reference_rows if is_target else contrast.target_rows
        has = set(self.rows_of[feature].tolist())
        # Later entries overwrite earlier ones: a partner without the feature is preferred.
        partner = {
            int(contrast.keys[row]): row
            for row in sorted(others_rows.tolist(), key=lambda row: row not in has)
        }
        shown = self.of_side(feature, against, leading)
        others = self.of_rows(
            feature,
            [partner[int(contrast.keys[row])] for row, _ in shown],
            "reference" if is_target else "target",
        )
        both = [(evidence, other) for (_, evidence), other in zip(shown, others, strict=True)]
        return both if is_target else [(other, evidence) for evidence, other in both]

    def of_side(self, feature: int | str, against: str, side: str) -> list[ShownDocument]:
        """Documents with the feature; first those whose partner lacks it, then by strength."""
        contrast = self.contrasts[against]
        rows = contrast.target_rows if side == "target" else contrast.reference_rows
        present = np.isin(rows, self.rows_of[feature])
        if contrast.keys is None:
            return self.best(feature, [rows[present]], side)
        others = contrast.reference_rows if side == "target" else contrast.target_rows
        others = others[np.isin(others, self.rows_of[feature])]
        alone = present & ~np.isin(contrast.keys[rows], contrast.keys[others])
        return self.best(feature, [rows[alone], rows[present & ~alone]], side)

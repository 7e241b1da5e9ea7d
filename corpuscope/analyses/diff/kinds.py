"""Kinds of sentences that are more frequent in one group (`sentence_kinds`)."""

from dataclasses import dataclass

from corpuscope.analyses.comparison.candidates import nearest_contrast
from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.effects import direction_and_p, measure
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.sentences.kinds import LearnedKind, SentenceKind, learned_both_ways


@dataclass(frozen=True)
class KindDifference(SentenceKind):
    """The kind of sentence typical of the target, or the kind typical of the references.

    `side` is `target` or `reference`.

    Attributes:
        rate_target: Share of the target's documents with such a sentence, in [0, 1].
        rate_reference: Share of the documents of `against` with such a sentence.
        difference: The first minus the second.
        interval: Its 95 % confidence interval.
        adjusted_difference: The difference adjusted for length and covariates; NaN without
            comparable documents.
        adjusted_interval: Its 95 % confidence interval.
        against: The reference group closest to the target.
    """

    rate_target: float
    rate_reference: float
    difference: float
    interval: tuple[float, float]
    adjusted_difference: float
    adjusted_interval: tuple[float, float]
    against: str


def kinds_of_groups(
    setup: Setup[Groups],
    *,
    adjust: bool,
    settings: ComparisonSettings,
    names: Names,
) -> tuple[KindDifference, ...]:
    """The kinds of sentences of the target and of the references; empty with too little data.

    Args:
        setup: The comparison; only features of the dictionary are used.
        adjust: Whether p-values are also adjusted for length and covariates.
        settings: The settings of the comparison.
        names: The labels of features in these documents.
    """
    groups, both = learned_both_ways(setup, settings)
    covariates = setup.covariates if adjust else None
    return tuple(
        _measured(groups, learned, sign, covariates, names, settings.evidence)
        for sign, learned in zip((1, -1), both, strict=False)
    )


def _measured(
    groups: Groups,
    learned: LearnedKind,
    sign: int,
    covariates: Covariates | None,
    names: Names,
    n_evidence: int,
) -> KindDifference:
    """The rates, differences and p-value of one direction."""
    presence = learned.presence()
    measured = [measure(presence, contrast, covariates=covariates) for contrast in groups.contrasts]
    direction, p = direction_and_p(measured, adjust=covariates is not None)
    nearest = measured[int(nearest_contrast(measured, direction)[0])]
    (difference, interval), (adjusted_difference, adjusted_interval) = (
        learned.wider(one.difference, one.lower, one.upper)
        for one in (nearest.raw, nearest.adjusted)
    )
    return KindDifference(
        side="target" if sign > 0 else "reference",
        p_value=learned.sure(float(p[0])) if direction[0] == sign else 1.0,
        n_documents=len(learned.sentences.rows),
        learned=learned,
        names=names,
        n_evidence=n_evidence,
        rate_target=float(nearest.rate_target[0]),
        rate_reference=float(nearest.rate_reference[0]),
        difference=difference,
        interval=interval,
        adjusted_difference=adjusted_difference,
        adjusted_interval=adjusted_interval,
        against=nearest.contrast.reference,
    )

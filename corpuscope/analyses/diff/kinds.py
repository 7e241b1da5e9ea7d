"""Sentences of a kind that one group has more often than others (`sentence_kinds`)."""

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
    """Sentences of the kind that sets the target apart, or of that which sets the others apart.

    `side` is `target` or `reference`.

    Attributes:
        rate_target: Share of the target's documents with such a sentence, in [0, 1].
        rate_reference: Share of those of `against`.
        difference: The first minus the second.
        interval: Its 95 % interval.
        adjusted_difference: The difference at equal lengths and strata; NaN where no documents
            are alike.
        adjusted_interval: Its 95 % interval.
        against: The other group that comes nearest to the target.
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
    """The target's kind of sentence and that of the others; none where too little is there.

    Args:
        setup: What is compared; of the features those of the dictionary count.
        adjust: Whether it must hold at equal lengths and strata, too.
        settings: How the comparison is made.
        names: What features are called here.
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
    """Rates and differences of one direction, and its p-value."""
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

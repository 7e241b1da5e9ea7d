"""Pure formulas: counts in, effects, intervals and p-values out, for all features at once."""

from corpuscope.statistics.clustered import (
    ClusterCalibration,
    calibrated,
    clustered_p,
    clustered_ranks,
    design_effect,
    inflation,
    likeness,
)
from corpuscope.statistics.conjugate import ridge_fitted
from corpuscope.statistics.cooccurrence import (
    Pairs,
    frequent_pairs,
    npmi,
    npmi_interval,
    together_p,
)
from corpuscope.statistics.crossfit import CrossFitted, crossfitted
from corpuscope.statistics.directions import at_length_one, direction_sums
from corpuscope.statistics.discrimination import (
    auroc,
    auroc_p,
    best_threshold,
    mean_auroc,
    placements,
    precision_of_scores,
)
from corpuscope.statistics.estimates import Estimate, difference_interval
from corpuscope.statistics.extremes import SmallestDifference, smallest_difference
from corpuscope.statistics.grouped_auroc import auroc_estimate
from corpuscope.statistics.grouped_correlation import correlation_estimate
from corpuscope.statistics.intervals import (
    Interval,
    newcombe_interval,
    paired_newcombe_interval,
    wilson_interval,
)
from corpuscope.statistics.jaccard import weighted_jaccard
from corpuscope.statistics.key_slopes import TestedSlope, slope_within_keys
from corpuscope.statistics.left_out import left_out_kernel_ridge, left_out_ridge
from corpuscope.statistics.length_spikes import LengthSpike, length_spikes
from corpuscope.statistics.lengths import length_quantiles, length_strata
from corpuscope.statistics.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    can_tell,
    holm,
    q_values,
)
from corpuscope.statistics.neighbours import nearest_documents
from corpuscope.statistics.paired_length import AdjustedDifference, paired_length_adjusted
from corpuscope.statistics.pairs_by_chance import Division, NullPairs, null_pairs
from corpuscope.statistics.rankings import (
    average_precision,
    ranked,
    reciprocal_rank_fusion,
)
from corpuscope.statistics.rates import (
    PairCounts,
    StratumCounts,
    StratumPairCounts,
    paired_counts,
    present_counts,
    stratum_counts,
    stratum_pair_counts,
    surplus,
)
from corpuscope.statistics.redundancy import fold
from corpuscope.statistics.slopes import Slope, slope_of_rates, stratified_slope
from corpuscope.statistics.spectral import spectral_coordinates
from corpuscope.statistics.stratified import (
    StratifiedDifference,
    cochran_mantel_haenszel_p,
    cochran_mantel_haenszel_z,
    mantel_haenszel_difference,
)
from corpuscope.statistics.tails import Alternative
from corpuscope.statistics.tests import (
    fisher_p,
    intersection_union_p,
    mcnemar_p,
    mcnemar_z,
    two_rates_p,
    two_rates_z,
)
from corpuscope.statistics.token_rates import (
    LengthDifference,
    TokenRate,
    length_difference,
    token_rate,
)
from corpuscope.statistics.trends import least_trend_p, trend_p, trend_z

__all__ = [
    "AdjustedDifference",
    "Alternative",
    "ClusterCalibration",
    "CrossFitted",
    "Division",
    "Estimate",
    "Interval",
    "LengthDifference",
    "LengthSpike",
    "NullPairs",
    "PairCounts",
    "Pairs",
    "Slope",
    "SmallestDifference",
    "StratifiedDifference",
    "StratumCounts",
    "StratumPairCounts",
    "TestedSlope",
    "TokenRate",
    "at_length_one",
    "auroc",
    "auroc_estimate",
    "auroc_p",
    "average_precision",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "best_threshold",
    "calibrated",
    "can_tell",
    "clustered_p",
    "clustered_ranks",
    "cochran_mantel_haenszel_p",
    "cochran_mantel_haenszel_z",
    "correlation_estimate",
    "crossfitted",
    "design_effect",
    "difference_interval",
    "direction_sums",
    "fisher_p",
    "fold",
    "frequent_pairs",
    "holm",
    "inflation",
    "intersection_union_p",
    "least_trend_p",
    "left_out_kernel_ridge",
    "left_out_ridge",
    "length_difference",
    "length_quantiles",
    "length_spikes",
    "length_strata",
    "likeness",
    "mantel_haenszel_difference",
    "mcnemar_p",
    "mcnemar_z",
    "mean_auroc",
    "nearest_documents",
    "newcombe_interval",
    "npmi",
    "npmi_interval",
    "null_pairs",
    "paired_counts",
    "paired_length_adjusted",
    "paired_newcombe_interval",
    "placements",
    "precision_of_scores",
    "present_counts",
    "q_values",
    "ranked",
    "reciprocal_rank_fusion",
    "ridge_fitted",
    "slope_of_rates",
    "slope_within_keys",
    "smallest_difference",
    "spectral_coordinates",
    "stratified_slope",
    "stratum_counts",
    "stratum_pair_counts",
    "surplus",
    "together_p",
    "token_rate",
    "trend_p",
    "trend_z",
    "two_rates_p",
    "two_rates_z",
    "weighted_jaccard",
    "wilson_interval",
]

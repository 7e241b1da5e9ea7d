"""How well a probe predicts labels: on training, test and unseen documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from corpuscope.statistics.scores.discrimination import best_threshold, precision_of_scores
from corpuscope.statistics.scores.estimates import Estimate, difference_interval
from corpuscope.statistics.scores.grouped_auroc import auroc_estimate
from corpuscope.statistics.scores.grouped_correlation import correlation_estimate

Array = npt.NDArray[Any]
CorpusRole = Literal["train", "test", "unseen"]


@dataclass(frozen=True)
class ProbeEvaluation:
    """How well a probe does on some documents.

    Attributes:
        corpus: Their name.
        role: Whether the probe was trained on them (train), or they are held-out documents of
            the same corpus (test), or of another corpus (unseen).
        n: How many there are.
        n_positive: How many are of the positive class; None unless there are two classes.
        auroc: The area under the ROC curve; for several classes the mean of one-vs-rest. NaN
            where only one class is present, or the label is a number.
        correlation: Pearson's, where the label is a number; else NaN.
        interval: 95 % interval of the AUROC or the correlation; documents of one group count
            as dependent. NaN where neither is defined.
        average_precision: Mean over classes (one-vs-rest); NaN for a number.
        accuracy: Two classes: at the threshold that is most accurate on out-of-fold scores of
            the training documents. Several: of the class with the highest score. NaN for a
            number.
        share_above: Share of scores above that threshold, for two classes; else NaN. It is
            defined for corpora of one class, too.
        drop: How far the AUROC (or correlation) on an unseen corpus is below that on test.
        drop_interval: Its 95 % interval; NaN where there is no drop.
    """

    corpus: str
    role: CorpusRole
    n: int
    n_positive: int | None
    auroc: float
    correlation: float
    interval: tuple[float, float]
    average_precision: float
    accuracy: float
    share_above: float
    drop: float
    drop_interval: tuple[float, float]

    @property
    def measure(self) -> float:
        """The AUROC, or for a number the correlation."""
        return self.auroc if np.isnan(self.correlation) else self.correlation


@dataclass(frozen=True, eq=False)
class EvaluatedDocuments:
    """Documents that probes are evaluated on.

    Attributes:
        corpus: Their name.
        role: Train, test or unseen.
        rows: Which documents of their store.
        targets: Documents x columns.
        groups: The group of each document; documents of one group are not independent.
    """

    corpus: str
    role: CorpusRole
    rows: Array
    targets: Array
    groups: Array


@dataclass(frozen=True, eq=False)
class Scored:
    """An evaluation, and the estimate behind its measure, with its standard error."""

    evaluation: ProbeEvaluation
    estimate: Estimate


def scored(
    scores: Array, documents: EvaluatedDocuments, *, threshold: float | None, is_number: bool,
    test: Scored | None = None,
) -> Scored:  # fmt: skip
    """Metrics of the scores of these documents.

    Args:
        scores: Documents x columns.
        documents: Which they are.
        threshold: The one found in training, for two classes.
        is_number: Whether the label is a number.
        test: The test set's result, to compute the drop of unseen documents.
    """
    scores, targets = scores.astype(np.float64), documents.targets
    found = _estimated(scores, documents, is_number=is_number)
    is_of = targets > 0.5
    is_binary = not is_number and targets.shape[1] == 1
    drop, drop_interval = np.nan, (np.nan, np.nan)
    if test is not None and documents.role == "unseen":
        drop = test.estimate.value - found.value
        # Not paired: the documents of the two corpora are different.
        drop_interval = difference_interval(test.estimate, found, paired=False)
    above = scores[:, 0] > threshold if threshold is not None else np.zeros(len(scores), dtype=bool)
    evaluation = ProbeEvaluation(
        corpus=documents.corpus,
        role=documents.role,
        n=len(targets),
        n_positive=int(is_of.sum()) if is_binary else None,
        auroc=float("nan") if is_number else found.value,
        correlation=found.value if is_number else float("nan"),
        interval=found.interval,
        average_precision=float("nan") if is_number else _mean_precision(scores, is_of),
        accuracy=float("nan") if is_number else _accuracy(scores, is_of, above),
        share_above=float(above.mean()) if is_binary and len(above) else float("nan"),
        drop=float(drop),
        drop_interval=drop_interval,
    )
    return Scored(evaluation, found)


def training_threshold(out_of_fold: Array, targets: Array) -> float | None:
    """The score above which the positive class is predicted; None unless there are two classes."""
    if targets.shape[1] > 1:
        return None
    return best_threshold(out_of_fold[:, 0].astype(np.float64), targets[:, 0] > 0.5)


def _estimated(scores: Array, documents: EvaluatedDocuments, *, is_number: bool) -> Estimate:
    groups = documents.groups.astype(np.int64)
    if is_number:
        numbers = documents.targets[:, 0].astype(np.float64)
        return correlation_estimate(scores[:, 0], numbers, groups)
    return auroc_estimate(scores, documents.targets > 0.5, groups)


def _mean_precision(scores: Array, is_of: Array) -> float:
    found = [
        precision_of_scores(np.ascontiguousarray(one), of)
        for one, of in zip(scores.T, is_of.T, strict=True)
        if of.any()
    ]
    return float(np.mean(found)) if found else float("nan")


def _accuracy(scores: Array, is_of: Array, above: Array) -> float:
    if not len(scores):
        return float("nan")
    if is_of.shape[1] == 1:
        return float((above == is_of[:, 0]).mean())
    return float((scores.argmax(axis=1) == is_of.argmax(axis=1)).mean())


@dataclass(frozen=True)
class BestOf:
    """The best probe by cross-validation, and the best of those without the dictionary.

    Attributes:
        corpus: The documents on which the two are compared.
        role: Test or unseen.
        with_sae: The best of all probes.
        without_sae: The best of those without the dictionary.
        gain: AUROC (or correlation) of the first minus that of the second; 0 if they are the same.
        interval: Its 95 % interval (paired: both are evaluated on the same documents).
    """

    corpus: str
    role: CorpusRole
    with_sae: str
    without_sae: str
    gain: float
    interval: tuple[float, float]


def best_of(
    names: Sequence[str],
    uses_sae: Sequence[bool],
    validation: Sequence[float],
    found: Sequence[Sequence[Scored]],
) -> tuple[BestOf, ...]:
    """What the dictionary gains where probes are chosen by cross-validation.

    Source: Kantamneni et al. 2025, section 3 (quiver of arrows).
    """
    # Stable, so that ties go to the probe that is listed first.
    order = np.argsort(-np.asarray(validation), kind="stable")
    rest = [i for i in order if not uses_sae[i]]
    if not rest or len(rest) == len(names):
        return ()
    # Both are chosen by cross-validation alone, never by test or unseen scores.
    best, plain = int(order[0]), int(rest[0])
    return tuple(
        BestOf(
            one.evaluation.corpus, one.evaluation.role, names[best], names[plain],
            one.evaluation.measure - other.evaluation.measure,
            _gain_interval(one, other),
        )
        for one, other in zip(found[best], found[plain], strict=True)
        if one.evaluation.role != "train"
    )  # fmt: skip


def _gain_interval(one: Scored, other: Scored) -> tuple[float, float]:
    if one is other:
        return (0.0, 0.0)
    return difference_interval(one.estimate, other.estimate, paired=True)

"""An estimate of the number of wrong labels, from out-of-fold predictions.

A model that disagrees with a label may itself be wrong. Where it is most confident it rarely is,
so disagreement there is attributed to label errors. Assuming that errors are as frequent among
confident documents as among all, their disagreement rate times the number of documents estimates
the number of errors. Where even confident predictions disagree nearly as often as chance, the
label is not predictable from the texts, and no document is listed. Only ranks and class means of
the probabilities are used, so they need not be calibrated.
"""

from dataclasses import dataclass

import numpy as np

from corpuscope.shapes import DocumentMask, NumberPerDocument, PerDocument, ScorePerClass
from corpuscope.statistics.rates.intervals import wilson_interval

_CONFIDENT_SHARES = (0.25, 0.5)
"""Shares of most confident documents; the one with less disagreement is used."""

_LEAST_CONFIDENT = 20
"""Minimum number of confident documents."""

_MOST_RELATIVE = 0.5
"""Above this share of chance disagreement, labels count as not predictable."""


@dataclass(frozen=True)
class WrongLabels:
    """An estimate of the number of wrong labels, with what it is based on.

    Attributes:
        n: The estimate; 0 where labels are not predictable.
        interval: Its 95 % interval, assuming that confident predictions are always right;
            ambiguous texts bias it upwards.
        disagreement: Share of the confident documents whose label differs from the prediction.
        agreement: Accuracy: share of all documents whose label is predicted.
        chance: Accuracy of random labels with the same class frequencies.
    """

    n: int
    interval: tuple[int, int]
    disagreement: float
    agreement: float
    chance: float

    @property
    def is_predictable(self) -> bool:
        """Whether the labels are predictable from the texts."""
        return self.disagreement <= _MOST_RELATIVE * (1 - self.chance)

    def in_words(self) -> str:
        """The estimate as a message."""
        accuracy = f"cross-validated accuracy {self.agreement:.0%}, chance {self.chance:.0%}"
        if not self.is_predictable:
            return (
                "the labels cannot be predicted well enough from these texts to find label "
                f"errors: {accuracy}, and {self.disagreement:.0%} of the most confident "
                "predictions disagree with the label"
            )
        low, high = self.interval
        return (
            f"about {self.n:,} labels are likely wrong (95 % interval {low:,} to {high:,}, "
            f"ambiguous texts included); {accuracy}"
        )


def count_wrong(probabilities: ScorePerClass, given: PerDocument) -> WrongLabels:
    """The estimated number of wrong labels.

    Capped at the number of off-diagonal documents in the confident joint.

    Args:
        probabilities: Out-of-fold probabilities, documents x classes.
        given: Class of each document.

    Source: Northcutt, Jiang and Chuang 2021, equation 1, for the confident joint; Liu and Tao
    2016 for estimating the noise rate from the most confident documents.
    """
    n, likeliest = len(given), probabilities.argmax(axis=1)
    is_other = likeliest != given
    confidence = _confidence(probabilities.max(axis=1), likeliest)
    is_confident = _most_confident(confidence, is_other)
    found = int(is_other[is_confident].sum())
    share = found / int(is_confident.sum())
    shares = np.bincount(given) / n
    lower, upper = wilson_interval(np.array([found]), int(is_confident.sum()))
    estimate = WrongLabels(
        min(round(share * n), int((_has_confident_other(probabilities, given) & is_other).sum())),
        (round(float(lower[0]) * n), round(float(upper[0]) * n)),
        share, 1 - float(is_other.mean()), float((shares**2).sum()),
    )  # fmt: skip
    return estimate if estimate.is_predictable else WrongLabels(
        0, (0, n), estimate.disagreement, estimate.agreement, estimate.chance
    )  # fmt: skip


def _most_confident(confidence: NumberPerDocument, is_other: DocumentMask) -> DocumentMask:
    """Mask of the most confident documents, at the share with the least disagreement."""
    found = [confidence <= share for share in _CONFIDENT_SHARES]
    large = [one for one in found if one.sum() >= _LEAST_CONFIDENT]
    return min(large or found[-1:], key=lambda one: float(is_other[one].mean()))


def _confidence(largest: NumberPerDocument, likeliest: PerDocument) -> NumberPerDocument:
    """Confidence rank of each document within its predicted class, in (0, 1); 0 is highest.

    Ranked within classes, since otherwise one easy class would dominate.
    """
    found = np.empty(len(largest))
    for one in np.unique(likeliest):
        own = np.flatnonzero(likeliest == one)
        order = np.argsort(-largest[own], kind="stable")
        found[own[order]] = (np.arange(len(own)) + 0.5) / len(own)
    return found


def _has_confident_other(probabilities: ScorePerClass, given: PerDocument) -> DocumentMask:
    """Which documents are off the diagonal of the confident joint.

    The threshold of a class is its mean probability over the documents with that label; the
    likeliest class above its threshold must differ from the given one.
    """
    n_classes, every = probabilities.shape[1], np.arange(len(given))
    thresholds = np.array([probabilities[given == one, one].mean() for one in range(n_classes)])
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    likeliest = confident.argmax(axis=1)
    found: DocumentMask = (confident[every, likeliest] >= 0) & (likeliest != given)
    return found

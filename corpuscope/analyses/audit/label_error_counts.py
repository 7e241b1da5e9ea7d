"""How many labels are likely wrong, of what models that have not seen the documents say of them.

A model that disagrees with a label may be wrong itself. Where it is surest it hardly ever is, so
what is left of its disagreement there is owed to labels. If wrong labels are as frequent among
these documents as among all, that share times the number of documents is how many are wrong; and
where sure models disagree nearly as often as chance, the label cannot be predicted from the
texts, and nothing can be said of any document. Only ranks of the probabilities and their means
by class are used, so that they need not be calibrated.
"""

from dataclasses import dataclass

import numpy as np

from corpuscope.shapes import DocumentMask, NumberPerDocument, PerDocument, ScorePerClass
from corpuscope.statistics.rates.intervals import wilson_interval

_SUREST = (0.25, 0.5)
"""Shares of the documents that count as those the models are surest of: the better one is used."""

_LEAST_SUREST = 20
"""Fewer documents than this do not show a share."""

_MOST_RELATIVE = 0.5
"""From this share of chance's disagreement on, sure models are not sure of anything."""


@dataclass(frozen=True)
class WrongLabels:
    """How many labels are likely wrong, and what tells it.

    Attributes:
        n: The estimate; 0 where labels cannot be predicted.
        interval: Its 95 % interval, were the documents that the models are surest of never told
            wrong; what of them is ambiguous makes it too high.
        disagreement: The share of these whose label the models do not give.
        agreement: The share of all documents whose label the models give.
        chance: The share that labels drawn at random, as often as they are, would give.
    """

    n: int
    interval: tuple[int, int]
    disagreement: float
    agreement: float
    chance: float

    @property
    def is_predictable(self) -> bool:
        """Whether the texts tell the labels at all."""
        return self.disagreement <= _MOST_RELATIVE * (1 - self.chance)

    def in_words(self) -> str:
        """What to tell people of it."""
        agrees = f"models give {self.agreement:.0%} of them, chance {self.chance:.0%}"
        if not self.is_predictable:
            return (
                "the labels cannot be predicted well enough from these texts to suspect any: "
                f"{agrees}, and {self.disagreement:.0%} of those that they are surest of have "
                "another label"
            )
        low, high = self.interval
        return (
            f"about {self.n:,} labels are likely wrong (95 % interval {low:,} to {high:,}, "
            f"ambiguous texts included); {agrees}"
        )


def count_wrong(probabilities: ScorePerClass, given: PerDocument) -> WrongLabels:
    """How many labels are likely wrong.

    Never more than documents with a confident other class (below), which is what confident
    learning counts.

    Args:
        probabilities: Of each class, from models that have not seen the document.
        given: The class of each document.

    Source: Northcutt, Jiang and Chuang 2021, equation 1, for the confident other class; Liu and
    Tao 2016 for documents that models are surest of as those that show the noise.
    """
    n, likeliest = len(given), probabilities.argmax(axis=1)
    is_other = likeliest != given
    confidence = _confidence(probabilities.max(axis=1), likeliest)
    surest = _surest(confidence, is_other)
    found = int(is_other[surest].sum())
    share = found / int(surest.sum())
    shares = np.bincount(given) / n
    lower, upper = wilson_interval(np.array([found]), int(surest.sum()))
    told = WrongLabels(
        min(round(share * n), int((_has_confident_other(probabilities, given) & is_other).sum())),
        (round(float(lower[0]) * n), round(float(upper[0]) * n)),
        share, 1 - float(is_other.mean()), float((shares**2).sum()),
    )  # fmt: skip
    return told if told.is_predictable else WrongLabels(
        0, (0, n), told.disagreement, told.agreement, told.chance
    )  # fmt: skip


def _surest(confidence: NumberPerDocument, is_other: DocumentMask) -> DocumentMask:
    """Of the shares with enough documents, those in which models disagree the least."""
    found = [confidence <= share for share in _SUREST]
    large = [one for one in found if one.sum() >= _LEAST_SUREST]
    return min(large or found[-1:], key=lambda one: float(is_other[one].mean()))


def _confidence(largest: NumberPerDocument, likeliest: PerDocument) -> NumberPerDocument:
    """Which share of those that are told to be of the same class models are at least as sure of.

    By class, since else an easy class would stand for all.
    """
    found = np.empty(len(largest))
    for one in np.unique(likeliest):
        own = np.flatnonzero(likeliest == one)
        order = np.argsort(-largest[own], kind="stable")
        found[own[order]] = (np.arange(len(own)) + 0.5) / len(own)
    return found


def _has_confident_other(probabilities: ScorePerClass, given: PerDocument) -> DocumentMask:
    """Whether another class is at least as likely as it is, in the mean, for its own documents.

    And likelier than the given one, if that is as likely as for its own as well.
    """
    n_classes, every = probabilities.shape[1], np.arange(len(given))
    usual = np.array([probabilities[given == one, one].mean() for one in range(n_classes)])
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    likeliest = confident.argmax(axis=1)
    found: DocumentMask = (confident[every, likeliest] >= 0) & (likeliest != given)
    return found

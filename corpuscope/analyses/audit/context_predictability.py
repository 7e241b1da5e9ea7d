"""Context predictability: how well the rest of a text predicts whether a feature is present.

The topic of a text shows in many places: where "goal" occurs, "match" and "team" are not far. An
artefact of data collection is isolated: nothing else in the text predicts it. A feature that is
associated with a label but not predictable from its context is therefore suspect.

Only words serve as predictors. Token features depend on the whole text through the reader's
context, so an inserted word leaks into the features of all other tokens and is predicted by them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.corpus.texts.words import word_features
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, NumberPerDocument, Rows
from corpuscope.statistics.scores.discrimination import auroc
from corpuscope.statistics.scores.left_out import left_out_kernel_ridge

# Maximum number of documents read; minimum number with the feature, and without it.
_MOST_DOCUMENTS, LEAST = 1_000, 8

# Words within this many tokens in the same sentence, in this share of the documents with the
# feature, are part of it; so are words at a fixed distance in half of them (set phrases).
_NEAR, _OF_ITSELF, _OF_A_FORMULA = 8, 0.2, 0.5

# Words in more than this share of the documents do not predict any one feature.
_TOO_COMMON = 0.5
_RIDGE = 0.5


@dataclass(frozen=True)
class ContextPredictability:
    """How well the rest of a text predicts whether a feature is present.

    Attributes:
        auroc: Leave-one-out AUROC; NaN if there are too few documents.
        error: Standard error under the null for a fixed score; for the leave-one-out scores used
            here it is about 1.4 times as large.
    """

    auroc: float
    error: float


UNKNOWN = ContextPredictability(float("nan"), float("nan"))
"""The value where too few documents have the feature, or lack it."""


def context_predictability(told: NumberPerDocument, has: DocumentMask) -> ContextPredictability:
    """AUROC of the predictions `told` for the documents that have the feature.

    Source: Mann and Whitney 1947, for the variance of U without ties.
    """
    n_with, n_without = int(has.sum()), int((~has).sum())
    if min(n_with, n_without) < LEAST:
        return UNKNOWN
    return ContextPredictability(
        auroc(told, has), float(np.sqrt((1 / n_with + 1 / n_without) / 12))
    )


Places = npt.NDArray[np.int64]
"""Token position of a feature in each document; -1 where it is absent."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The words of some documents, with their positions.

    Attributes:
        rows: The documents.
        names: Words, word pairs and format marks, with their column numbers.
        weights: Documents x names, TF-IDF of presence with rows of unit norm.
        inverse: Inverse of the centred kernel matrix of the documents plus a ridge.
        document: Position in `rows` of each occurrence of a word.
        word: Column number of each occurrence.
        token: Token at which each occurrence begins.
        sentence: Sentence of each occurrence.
        sentence_of: Sentence of each token, documents concatenated.
        token_starts: Offset of each document in `sentence_of`.
        first_token: First token of each sentence, per document.
    """

    rows: Rows
    names: dict[str, int]
    weights: sp.csc_array
    inverse: npt.NDArray[np.float64]
    document: npt.NDArray[np.int64]
    word: npt.NDArray[np.int64]
    token: npt.NDArray[np.int64]
    sentence: npt.NDArray[np.int64]
    sentence_of: npt.NDArray[np.int64]
    token_starts: npt.NDArray[np.int64]
    first_token: tuple[npt.NDArray[np.int64], ...]

    def context_predictability(self, place: Places, *, is_sentence: bool) -> ContextPredictability:
        """How well the other words of a text predict whether the feature is present.

        Leave-one-out ridge regression on the words. Words that often occur next to the feature
        in its sentence, or at a fixed distance, are excluded as part of it.

        Args:
            place: Token position of the feature in each document.
            is_sentence: Whether the feature covers the whole sentence.

        Returns:
            An AUROC of about .5 or less for an isolated feature; NaN where too few documents
            have the feature or lack it.
        """
        has = place >= 0
        if min(has.sum(), (~has).sum()) < LEAST:
            return UNKNOWN
        own = self.weights[:, self._of_itself(place, is_sentence=is_sentence)].toarray()
        inverse = without(self.inverse, own - own.mean(axis=0))
        return context_predictability(left_out_kernel_ridge(inverse, has), has)

    def place(self, source: NamedStore, feature: int | str) -> Places:
        """Token position of a feature: its peak, or the first occurrence of a word."""
        if isinstance(feature, str):
            found = np.full(len(self.rows), -1, dtype=np.int64)
            # Reversed, so that the first occurrence is written last and wins.
            mine = np.flatnonzero(self.word == self.names.get(feature, -1))[::-1]
            found[self.document[mine]] = self.token[mine]
            return found
        return _place_of_feature(source, self.rows, feature, self.first_token)

    def _of_itself(self, place: Places, *, is_sentence: bool) -> npt.NDArray[np.int64]:
        """Columns of the words that are part of the feature."""
        has = place >= 0
        sentence = self.sentence_of[self.token_starts[:-1] + np.maximum(place, 0)]
        distance = self.token - place[self.document]
        is_near = has[self.document] & (np.abs(distance) <= _NEAR)
        is_adjacent = has[self.document] & (self.sentence == sentence[self.document])
        if not is_sentence:
            is_adjacent &= is_near
        n = len(self.names)
        pairs = np.unique(self.document[is_adjacent] * n + self.word[is_adjacent])
        counts = np.bincount(pairs % n, minlength=n)
        is_own = counts >= max(_OF_ITSELF * has.sum(), 2)
        # Set phrases may span several lines: "Yours sincerely" and a name below it.
        spots, n_there = np.unique(
            self.word[is_near] * (2 * _NEAR + 1) + distance[is_near] + _NEAR, return_counts=True
        )
        is_fixed = n_there >= max(_OF_A_FORMULA * has.sum(), 2)
        is_own[spots[is_fixed] // (2 * _NEAR + 1)] = True
        return np.flatnonzero(is_own)


def surroundings(source: NamedStore, rows: Rows) -> Surroundings:
    """The words of the documents `rows`; of more than 1,000, an evenly spaced subset."""
    many = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_DOCUMENTS)).round()
    chosen = rows[np.unique(many.astype(np.int64))]
    names: dict[str, int] = {}
    tables, sentence_of, first_token = [], [], []
    for at, document in enumerate(source.documents(chosen)):
        tokens, firsts = document.token_spans, document.sentence_spans[:, 0]
        found = list(word_features(document.text))
        starts = np.array([start for _, start, _ in found], dtype=np.int64)
        places = np.minimum(np.searchsorted(tokens[:, 1], starts, side="right"), len(tokens) - 1)
        words = [names.setdefault(name, len(names)) for name, _, _ in found]
        sentence_of.append(np.searchsorted(firsts, tokens[:, 0], side="right") - 1)
        first_token.append(np.searchsorted(tokens[:, 0], firsts))
        table = [np.full(len(found), at), words, places, sentence_of[-1][places]]
        tables.append(np.array(table, dtype=np.int64))
    documents, word, token, sentence = np.concatenate(tables, axis=1)
    weights = _weights(documents, word, n_documents=len(chosen), n_names=len(names))
    return Surroundings(
        chosen, names, weights.tocsc(), _inverse((weights @ weights.T).toarray()), documents, word,
        token, sentence, np.concatenate(sentence_of),
        np.cumsum([0, *map(len, sentence_of)]), tuple(first_token),
    )  # fmt: skip


def _place_of_feature(
    source: NamedStore, rows: Rows, feature: int, first_token: tuple[npt.NDArray[np.int64], ...]
) -> Places:
    """Token at which a feature peaks in each document; for a sentence, its first token."""
    peaks = source.peaks(feature, rows)
    if source.kind(feature) == "sentence":
        for at in np.flatnonzero(peaks >= 0).tolist():
            peaks[at] = first_token[at][peaks[at]]
    return peaks


def _weights(
    document: npt.NDArray[np.int64],
    word: npt.NDArray[np.int64],
    *,
    n_documents: int,
    n_names: int,
) -> sp.csr_array:
    """IDF weights log(n / n_with) at the words of each document, rows scaled to unit norm."""
    pairs = np.unique(document * n_names + word)
    documents, words = pairs // n_names, pairs % n_names
    counts = np.bincount(words, minlength=n_names)
    is_informative = (counts >= 2) & (counts <= _TOO_COMMON * n_documents)
    weight = np.where(is_informative, np.log(n_documents / np.maximum(counts, 1)), 0.0)[words]
    lengths = np.sqrt(np.bincount(documents, weights=weight**2, minlength=n_documents))
    weight /= np.maximum(lengths[documents], 1e-9)
    found = sp.csr_array((weight, (documents, words)), shape=(n_documents, n_names))
    found.eliminate_zeros()
    return found


def _inverse(similarity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Inverse of the centred kernel matrix plus a ridge."""
    means = similarity.mean(axis=0)
    # Double centring, as in kernel PCA, in place of an intercept.
    centred = similarity - means - means[:, None] + similarity.mean()
    found: npt.NDArray[np.float64] = np.linalg.inv(centred + _RIDGE * np.eye(len(similarity)))
    return found


def without(
    inverse: npt.NDArray[np.float64], own: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The inverse after removing the (centred) columns `own` from the kernel.

    (K - XX')^-1 = K^-1 + K^-1 X (I - X'K^-1 X)^-1 X'K^-1, so each feature costs no new inversion.

    Source: Woodbury 1950.
    """
    through = inverse @ own
    rest = np.eye(own.shape[1]) - own.T @ through
    found: npt.NDArray[np.float64] = inverse + through @ np.linalg.solve(rest, through.T)
    return found

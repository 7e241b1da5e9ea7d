"""How well the rest of a text tells whether a feature is in it: its company.

What a text is about shows in many places: where "goal" stands, a match and a team are not far. A
mark that someone's way of collecting texts left behind stands alone: nothing else in the text
goes with it. So a feature that goes with a label and has no company is suspect, whatever it is.

Only words are company. What features of tokens say of a text depends on every word of it: an odd
word changes a little of what the reader makes of all others, and would be told by that.
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

# So many documents are looked at, and a feature must be in some of them, and not in others.
_MOST_DOCUMENTS, LEAST = 1_000, 8

# Words so near to a feature, in its sentence, in such a share of the documents that have it are
# of the feature itself; and so are words of a formula, at one distance from it in half of them.
_NEAR, _OF_ITSELF, _OF_A_FORMULA = 8, 0.2, 0.5

# Words in more of the documents tell nothing of one feature.
_TOO_COMMON = 0.5
_RIDGE = 0.5


@dataclass(frozen=True)
class ContextPredictability:
    """How well the rest of a text tells whether something is in it.

    Attributes:
        auroc: As an AUROC; NaN where that cannot be told.
        error: Its standard error where there is nothing to tell, of a score that was not learned
            from the others; of one that was it is about 1.4 times as large.
    """

    auroc: float
    error: float


UNKNOWN = ContextPredictability(float("nan"), float("nan"))
"""Where too few documents have it, or lack it."""


def context_predictability(told: NumberPerDocument, has: DocumentMask) -> ContextPredictability:
    """What is told of each document, against which have it.

    NamedStore of the error: Mann and Whitney 1947, U without ties.
    """
    n_with, n_without = int(has.sum()), int((~has).sum())
    if min(n_with, n_without) < LEAST:
        return UNKNOWN
    return ContextPredictability(
        auroc(told, has), float(np.sqrt((1 / n_with + 1 / n_without) / 12))
    )


Places = npt.NDArray[np.int64]
"""For each document the token at which a feature stands; -1 where it is not."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The words of some documents, and where they stand.

    Attributes:
        rows: The documents.
        names: The words, word pairs and format marks in them, numbered.
        weights: Documents x names, rows of length 1; a word counts the more, the fewer have it.
        inverse: Of the documents' likeness with a ridge, centred.
        document: For each occurrence which of `rows`.
        word: Which of `names`.
        token: The token at which it begins.
        sentence: The sentence it is in.
        sentence_of: For each token of all documents, end to end, its sentence.
        token_starts: For each document where its tokens begin in `sentence_of`.
        first_token: For each document the first token of each sentence.
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
        """How well the other words of a text tell whether the feature is in it.

        Each document is told by a ridge regression on all others' words. Words that often stand
        beside the feature, in its sentence or at one distance, are left out: they belong to it.

        Args:
            place: Where the feature stands.
            is_sentence: Whether it is the whole sentence that stands there.

        Returns:
            An AUROC of about one half, or less, for a feature that stands alone; NaN where too
            few documents have the feature or lack it.
        """
        has = place >= 0
        if min(has.sum(), (~has).sum()) < LEAST:
            return UNKNOWN
        own = self.weights[:, self._of_itself(place, is_sentence=is_sentence)].toarray()
        inverse = without(self.inverse, own - own.mean(axis=0))
        return context_predictability(left_out_kernel_ridge(inverse, has), has)

    def place(self, source: NamedStore, feature: int | str) -> Places:
        """Where a feature stands: at its peak, or at its first occurrence."""
        if isinstance(feature, str):
            found = np.full(len(self.rows), -1, dtype=np.int64)
            mine = np.flatnonzero(self.word == self.names.get(feature, -1))[::-1]
            found[self.document[mine]] = self.token[mine]
            return found
        return _place_of_feature(source, self.rows, feature, self.first_token)

    def _of_itself(self, place: Places, *, is_sentence: bool) -> npt.NDArray[np.int64]:
        """The words that belong to the feature."""
        has = place >= 0
        sentence = self.sentence_of[self.token_starts[:-1] + np.maximum(place, 0)]
        distance = self.token - place[self.document]
        is_near = has[self.document] & (np.abs(distance) <= _NEAR)
        is_beside = has[self.document] & (self.sentence == sentence[self.document])
        if not is_sentence:
            is_beside &= is_near
        n = len(self.names)
        pairs = np.unique(self.document[is_beside] * n + self.word[is_beside])
        counts = np.bincount(pairs % n, minlength=n)
        is_own = counts >= max(_OF_ITSELF * has.sum(), 2)
        # A formula may go over several lines: "Yours sincerely" and a name below it.
        spots, n_there = np.unique(
            self.word[is_near] * (2 * _NEAR + 1) + distance[is_near] + _NEAR, return_counts=True
        )
        is_fixed = n_there >= max(_OF_A_FORMULA * has.sum(), 2)
        is_own[spots[is_fixed] // (2 * _NEAR + 1)] = True
        return np.flatnonzero(is_own)


def surroundings(source: NamedStore, rows: Rows) -> Surroundings:
    """What stands in some of the documents `rows`, at most 1,000 spread evenly."""
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
    """The token at which a feature peaks in each document, of a sentence its first."""
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
    """The logarithm of one over the share of documents that have a word, where they have it."""
    pairs = np.unique(document * n_names + word)
    documents, words = pairs // n_names, pairs % n_names
    counts = np.bincount(words, minlength=n_names)
    tells = (counts >= 2) & (counts <= _TOO_COMMON * n_documents)
    weight = np.where(tells, np.log(n_documents / np.maximum(counts, 1)), 0.0)[words]
    lengths = np.sqrt(np.bincount(documents, weights=weight**2, minlength=n_documents))
    weight /= np.maximum(lengths[documents], 1e-9)
    found = sp.csr_array((weight, (documents, words)), shape=(n_documents, n_names))
    found.eliminate_zeros()
    return found


def _inverse(similarity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of the likeness of documents with each other, centred, with a ridge."""
    means = similarity.mean(axis=0)
    centred = similarity - means - means[:, None] + similarity.mean()
    found: npt.NDArray[np.float64] = np.linalg.inv(centred + _RIDGE * np.eye(len(similarity)))
    return found


def without(
    inverse: npt.NDArray[np.float64], own: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The inverse for a likeness to which some words, centred, did not contribute.

    Source: Woodbury 1950.
    """
    through = inverse @ own
    rest = np.eye(own.shape[1]) - own.T @ through
    found: npt.NDArray[np.float64] = inverse + through @ np.linalg.solve(rest, through.T)
    return found

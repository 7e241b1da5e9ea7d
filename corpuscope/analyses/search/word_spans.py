"""Spans of the query's words in a text."""

from collections.abc import Mapping
from functools import lru_cache

from corpuscope.analyses.search.bm25_index import WordIndex
from corpuscope.labels.word_forms import FUNCTION_WORDS, stem, words_in


def places_of_words(
    text: str, index: WordIndex, searched: Mapping[int, float]
) -> list[tuple[str, tuple[int, int]]]:
    """Occurrences of the query's words in a text with their spans, by descending weight.

    Function words such as "the" are uninformative and left out.

    Args:
        text: The text.
        index: The word index that the positions in `searched` refer to.
        searched: Weight of each word, by index position.
    """
    found = _informative_words(text)
    stems = list(dict.fromkeys(stemmed for _, _, stemmed in found))
    # All words of the text at once: hashing them one by one took half the time of a search.
    places = index.place_of_each(stems).tolist()
    weight_of = dict(zip(stems, (searched.get(place, 0.0) for place in places), strict=True))
    shown = [(word, span, weight_of[stemmed]) for word, span, stemmed in found]
    shown = sorted((one for one in shown if one[2] > 0), key=lambda one: -one[2])
    return [(word, span) for word, span, _ in shown]


# Those who refine a search see most texts again.
@lru_cache(maxsize=128)
def _informative_words(text: str) -> tuple[tuple[str, tuple[int, int], str], ...]:
    """Each word that is no function word, with its span and stem."""
    return tuple(
        (word, (start, end), stem(word))
        for word, start, end in words_in(text)
        if word not in FUNCTION_WORDS
    )

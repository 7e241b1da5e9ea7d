"""Spans of the query's words in a text."""

from collections.abc import Mapping

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
    found = [one for one in words_in(text) if one[0] not in FUNCTION_WORDS]
    stems = list(dict.fromkeys(stem(word) for word, _, _ in found))
    weight_of: dict[str, float] = {}
    for one in stems:
        places = index.places([one]).tolist()
        if places and places[0] in searched:
            weight_of[one] = searched[places[0]]
    shown = [(word, (start, end), weight_of.get(stem(word), 0.0)) for word, start, end in found]
    shown = sorted((one for one in shown if one[2] > 0), key=lambda one: -one[2])
    return [(word, span) for word, span, _ in shown]

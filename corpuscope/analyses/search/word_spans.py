"""Where in a text the words that were searched for are."""

from collections.abc import Mapping

from corpuscope.analyses.search.bm25_index import WordIndex
from corpuscope.labels.word_forms import FUNCTION_WORDS, stem, words_in


def places_of_words(
    text: str, index: WordIndex, searched: Mapping[int, float]
) -> list[tuple[str, tuple[int, int]]]:
    """Each searched word as it stands in the text, with its characters; the heaviest first.

    Words such as "the" earn little and show nothing: they are left out.

    Args:
        text: Where to look.
        index: What the places in `searched` are counted in.
        searched: How much each word counts.
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

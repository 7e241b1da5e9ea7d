import numpy as np

from corpuscope.analyses.comparison.tested_features import FeatureKind
from corpuscope.analyses.correlate.peaks import Peak, is_one_place, share_inside_words
from corpuscope.store.rows import StoredDocument

TEXT = "The sale begins. Nobody resold it. We left early."
SPANS = np.array([[0, 3], [4, 8], [9, 15], [17, 23], [24, 26], [26, 30], [31, 33], [35, 37],
                  [38, 42], [43, 48]])  # fmt: skip
SENTENCES = np.array([[0, 16], [17, 34], [35, 49]])
DOCUMENT = StoredDocument("a", TEXT, SPANS, SENTENCES)


def at(words: str, kind: FeatureKind = "token") -> Peak:
    start = TEXT.index(words)
    return Peak(DOCUMENT, [(start, start + len(words))], kind)


def test_neighbouring_tokens_are_beside_each_other_and_others_are_not() -> None:
    assert at("sale").is_beside(at("The"))
    assert at("sale").is_beside(at("sale", "word"))
    assert not at("sale").is_beside(at("early"))


def test_a_piece_of_a_word_is_inside_it() -> None:
    assert at("re").is_inside_word
    assert at("sold").is_inside_word
    assert not at("sale").is_inside_word
    assert share_inside_words([at("re"), at("sale")]) == 0.5


def test_one_sentence_of_three_is_one_place_only_if_it_happens_often() -> None:
    token, own, other = at("early"), at("We left early.", "sentence"), at("The sale", "sentence")
    assert (token.sentences, own.sentences, other.sentences) == ({2}, {2}, {0})
    assert is_one_place([token] * 4, [own] * 4)
    assert not is_one_place([token] * 4, [own, own, other, other])
    assert not is_one_place([token] * 4, [other] * 4)


def test_in_texts_of_one_sentence_nothing_can_be_told_by_sentences() -> None:
    short = StoredDocument("b", "We left.", np.array([[0, 2], [3, 7]]), np.array([[0, 8]]))
    token, sentence = Peak(short, [(0, 2)], "token"), Peak(short, [(0, 8)], "sentence")
    assert not is_one_place([token] * 5, [sentence] * 5)

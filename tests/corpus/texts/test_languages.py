"""Languages are noticed, and words of scripts without spaces are told apart."""

import pytest

from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.texts.languages import languages_of, what_it_means
from corpuscope.corpus.texts.unspaced import words_of_run
from corpuscope.corpus.texts.words import word_features
from corpuscope.labels.word_forms import FUNCTION_WORDS, stem, words_of

TEXTS = {
    "en": "The library is closed on Mondays, and nobody had told us about it at all.",
    "zh": "图书馆星期一关门。邻居借走了我的自行车。非常抱歉给您带来不便。",
    "ja": "図書館は月曜日に閉まっています。昨日、荷物が届きませんでした。",
    "de": "Die Bücherei hat montags zu, und das Paket kam gestern wieder nicht an.",
    "ru": "Библиотека по понедельникам закрыта, и вчера посылка опять не пришла.",
    "ar": "المكتبة مغلقة يوم الاثنين ولم تصل الحزمة أمس كما كان متوقعا.",
    "th": "ห้องสมุดปิดวันจันทร์ และพัสดุไม่มาถึงเมื่อวานนี้",
    "code": "def reverse(text):\n    result = ''\n    for sign in text:\n        result += sign\n",
}


@pytest.mark.parametrize("language", TEXTS)
def test_each_language_is_named(language: str) -> None:
    assert languages_of([TEXTS[language]] * 3) == {language: 1.0}


def test_what_it_means_is_said_unless_most_texts_are_english() -> None:
    assert what_it_means({"en": 0.9, "de": 0.1}) is None
    told = what_it_means({"zh": 0.6, "en": 0.4})
    assert told is not None
    assert "Chinese (60%)" in told
    assert "made for English" in told
    corpus = read_corpus([TEXTS["ru"]] * 20)
    assert corpus.survey.languages == {"ru": 1.0}
    assert "Russian (100%)" in corpus.survey.notes[-1]
    assert read_corpus([TEXTS["en"]] * 20).survey.notes == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXTS["zh"], ["星期一", "自行车", "非常", "抱歉"]),
        ("圖書館這個時間還沒有開門，非常抱歉", ["這", "時間", "沒有", "抱歉"]),
        (TEXTS["ja"], ["図書館", "は", "月曜日", "に", "荷物"]),
        (TEXTS["th"], ["วัน", "จันทร์"]),
        ("请联系iPhone客服", ["联系", "iphone", "客服"]),
    ],
)
def test_words_without_spaces_are_told_apart_with_their_places(text: str, words: list[str]) -> None:
    found = [one for one in word_features(text) if " " not in one[0] and "‹" not in one[0]]
    assert {name for name, _, _ in found} >= set(words)
    assert all(text[start:end].lower() == name for name, start, end in found)
    letters = [sign for sign in text if sign.isalpha()]
    assert sum(len(name) for name, _, _ in found) >= len(letters)
    assert set(words) <= set(words_of(text))


def test_neighbours_without_a_space_make_pairs_and_clauses_do_not() -> None:
    names = [name for name, _, _ in word_features("非常抱歉。图书馆")]
    assert "非常 抱歉" in names
    assert not any("抱歉 图" in name for name in names)
    assert "5 km" not in [name for name, _, _ in word_features("5km")]


def test_a_run_is_divided_without_gaps() -> None:
    for run in ("非常抱歉给您带来不便", "申し訳ございません", "abc抱歉ห้องสมุด"):
        spans = words_of_run(run, "zh-hans")
        assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
        assert spans[-1][1] == len(run)


def test_forms_and_small_words_of_other_scripts() -> None:
    assert stem("книгами") == stem("книга")
    assert stem("für") == "für"
    assert {"的", "это", "the"} <= FUNCTION_WORDS
    assert not {"die", "!", "und"} & FUNCTION_WORDS

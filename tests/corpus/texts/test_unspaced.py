"""Words of scripts without spaces are found in any run of letters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.texts.unspaced import UNSPACED, language_of, words_of_run


def words(run: str, language: str = "ja") -> list[str]:
    return [run[start:end] for start, end in words_of_run(run, language)]


@pytest.mark.parametrize("sign", [*"漢々㐀豈あアｱーๆก", "\U00020000"])
def test_signs_of_scripts_without_spaces_are_known(sign: str) -> None:
    assert UNSPACED.search(f"x{sign}y")


@pytest.mark.parametrize("sign", [*"aéЖا한ह。、・၁ក", "ລ"])
def test_signs_of_other_scripts_are_not(sign: str) -> None:
    assert not UNSPACED.search(f"x{sign}y")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("これは本です", "ja"),
        ("カタカナ", "ja"),
        ("我们学过这个", "zh-hans"),
        ("我們學過這個", "zh-hant"),
        ("我們学过", "zh-hans"),
        ("我們學过", "zh-hant"),
        ("一二三", "zh-hans"),
        ("plain", "zh-hans"),
        ("", "zh-hans"),
    ],
)
def test_kana_tell_japanese_and_signs_of_either_writing_chinese(text: str, language: str) -> None:
    assert language_of(text) == language


def test_japanese_particles_stand_alone_behind_other_signs_than_hiragana() -> None:
    assert words("私は学生です") == ["私", "は", "学生", "です"]
    assert words("東京まで行きます") == ["東京", "まで", "行きます"]
    assert words("これは") == ["これは"]


def test_chinese_is_divided_without_particles() -> None:
    assert words("我们学习中文", "zh-hans") == ["我们", "学习", "中文"]
    assert words("我們學習中文", "zh-hant") == ["我們", "學習", "中文"]


def test_thai_is_divided_as_thai_whatever_the_language_of_the_text() -> None:
    run = "ฉันรักภาษาไทย"
    assert words(run, "zh-hans") == words(run, "ja")
    assert len(words(run)) > 2


def test_parts_of_other_scripts_stay_whole_between_others() -> None:
    assert words("iPhone手机abc", "zh-hans") == ["iPhone", "手机", "abc"]
    assert words("plain") == ["plain"]
    assert words("ລາວ") == ["ລາວ"]
    assert words("") == []


runs = st.text("私は学生です東京まで我们學習ไทยabcé1", max_size=12)


@settings(max_examples=30)
@given(runs, st.sampled_from(["ja", "zh-hans", "zh-hant"]))
def test_words_follow_each_other_and_leave_nothing_out(run: str, language: str) -> None:
    found = words_of_run(run, language)
    assert "".join(words(run, language)) == run
    assert all(start < end for start, end in found)
    assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]]

import pytest

from corpuscope.reader.chat.marks import Marks, segments_of
from corpuscope.reader.chat.pieces import ChatRefusedError


def test_marked_texts_are_found_again_with_what_is_around_them() -> None:
    marks = Marks("any text")
    written = f"a {marks.around('one', 0)} b {marks.around('two', 1)}"
    assert marks.split(written) == (["a ", " b ", ""], [(0, "one"), (1, "two")])


def test_marks_are_characters_that_the_text_does_not_have() -> None:
    text = "".join(chr(code) for code in range(0xE000, 0xE010))
    written = Marks(text).around(text, 0)
    assert Marks(text).split(written) == (["", ""], [(0, text)])


def test_a_text_that_is_written_again_counts_once() -> None:
    marks = Marks("")
    written = f"{marks.around('one', 0)} and {marks.around('one', 0)}"
    assert marks.split(written) == (["", " and one"], [(0, "one")])


@pytest.mark.parametrize("part", [slice(0, 4), slice(3, None)])
def test_a_text_whose_mark_is_cut_is_refused(part: slice) -> None:
    marks = Marks("")
    with pytest.raises(ChatRefusedError, match="cuts a message"):
        marks.split(marks.around("one", 0)[part] + marks.around("two", 1))


def test_tags_are_not_marked_and_what_they_close_is_thinking() -> None:
    text = "<think>\nHm.\n</think>\n\nSo. <b>"
    found = [
        (text[one.start : one.end], one.is_thinking)
        for one in segments_of(text, 0, 0, is_thinking=False)
    ]
    assert found == [("\nHm.\n", True), ("\n\nSo. <b>", False)]


def test_white_space_alone_is_no_segment() -> None:
    assert list(segments_of(" \n", 0, 0, is_thinking=False)) == []
    (one,) = segments_of("a", 7, 3, is_thinking=True)
    assert (one.start, one.end, one.message, one.is_thinking) == (7, 8, 3, True)

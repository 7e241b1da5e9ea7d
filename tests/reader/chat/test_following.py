import pytest

from corpuscope.corpus.document import Document
from corpuscope.reader.chat.following import followed
from corpuscope.reader.chat.marks import Segment
from corpuscope.reader.chat.pieces import ChatRefusedError, Piece
from tests.reader.tiny import chat


def follow(one: Document, text: str, frames: list[str], *words: str) -> list[list[Piece]]:
    marked = [
        (Segment(i, role.start, role.end, is_thinking=False), word)
        for i, (role, word) in enumerate(zip(one.roles, words, strict=True))
    ]
    return followed(text, frames, marked, one, counts=lambda role: True)


TALK = chat(("user", " a\n"), ("assistant", "\nb "))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<> a\n|\nb >", [Piece(2, 0, 3, 0), Piece(6, 5, 3, 1)]),
        ("<>a|b>", [Piece(2, 1, 1, 0), Piece(4, 6, 1, 1)]),
        ("<> a|b >", [Piece(2, 0, 2, 0), Piece(5, 6, 2, 1)]),
        ("<>a\n|\nb>", [Piece(2, 1, 2, 0), Piece(5, 5, 2, 1)]),
    ],
)
def test_white_space_may_be_missing_at_each_end(text: str, expected: list[Piece]) -> None:
    assert follow(TALK, text, ["<>", "|", ">"], " a\n", "\nb ") == [[one] for one in expected]


def test_an_ending_that_leads_nowhere_is_given_up() -> None:
    """The first text fits with its line break, but then the second would not."""
    talk = chat(("user", "a\n"), ("assistant", "\nb"))
    (first,), (second,) = follow(talk, "a\n\nb", ["", "\n", ""], "a\n", "\nb")
    assert first.length + second.length == 3
    assert second.end == 4


@pytest.mark.parametrize("text", ["", "<>", "<> a\n|\nb > more", "x"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ChatRefusedError, match="cannot be followed"):
        follow(TALK, text, ["<>", "|", ">"], " a\n", "\nb ")


def test_a_chat_without_marked_texts_is_the_frame_alone() -> None:
    assert followed("<>", ["<>"], [], TALK, counts=lambda role: True) == []
    with pytest.raises(ChatRefusedError):
        followed("<>x", ["<>"], [], TALK, counts=lambda role: True)


def test_escapes_of_json_are_left_out() -> None:
    talk = chat(("tool", 'a"\nb'))
    ((*pieces,),) = follow(talk, '"a\\"\\nb"', ['"', '"'], 'a\\"\\nb')
    assert [(p.start, p.document_start) for p in pieces] == [(1, 0), (3, 1), (6, 3)]

"""Sections are parts of a document or of a rendered chat, and every character keeps its place."""

from collections.abc import Sequence
from typing import Any

import pytest

from corpuscope.corpus.document import Document
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.reader import sections as sections_module
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.sections import Context, Section, chat_sections, plain_sections
from tests.reader.tiny import TEXTS, chat, document

ALL = MaskPolicy()
LONG = " ".join(TEXTS * 3)
UNICODE = "Größe zählt. 雪が降る。 猫は寝る。 🙂 Nobody knows! Why?"


def masks_of(*roles: str) -> MaskPolicy:
    return MaskPolicy(frozenset(roles))


def plain(
    one: Document,
    context: Context = "passage",
    *,
    masks: MaskPolicy = ALL,
    window: int = 64,
) -> list[Section]:
    return list(plain_sections(one, 7, context=context, masks=masks, window=window))


def in_document(section: Section) -> list[tuple[int, int, bool]]:
    """The sentences of a section by their place in the document; it has one piece."""
    (piece,) = section.pieces
    assert (piece.start, piece.length) == (0, len(section.text))
    at = piece.document_start
    return [(at + one.start, at + one.end, one.counts) for one in section.sentences]


@pytest.mark.parametrize("context", ["sentence", "passage"])
@pytest.mark.parametrize("text", [*TEXTS, LONG, UNICODE, "cat", " \n cat. \n\n Dogs?  "])
def test_every_sentence_of_a_plain_text_is_there_once_at_its_place(
    text: str, context: Context
) -> None:
    found = plain(document(text), context)
    places = [(a, b) for section in found for a, b, counts in in_document(section) if counts]
    assert places == list(split_sentences(text))
    for section in found:
        assert section.document == 7
        start = section.pieces[0].document_start
        assert section.text == text[start : start + len(section.text)]
    assert len(found) == (len(places) if context == "sentence" else 1)


@pytest.mark.parametrize("text", ["", " ", "\n\t \n"])
@pytest.mark.parametrize("context", ["sentence", "passage"])
def test_a_text_without_sentences_has_no_sections(text: str, context: Context) -> None:
    assert plain(document(text), context) == []


@pytest.mark.parametrize("limit", [10, 60, 100, 10_000])
def test_sections_are_as_long_as_they_may_be_and_end_between_sentences(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections_module, "_SECTION_CHARACTERS", limit)
    found = plain(document(LONG), window=0)
    places = [[(a, b) for a, b, _ in in_document(section)] for section in found]
    assert [place for own in places for place in own] == list(split_sentences(LONG))
    for own, after in zip(places, [*places[1:], None], strict=True):
        assert own[-1][1] - own[0][0] <= limit or len(own) == 1
        if after is not None:
            assert after[0][1] - own[0][0] > limit
    assert (len(found) == 1) == (limit == 10_000)


def test_a_large_window_makes_long_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen characters a token, however short sections are otherwise."""
    monkeypatch.setattr(sections_module, "_SECTION_CHARACTERS", 10)
    sizes = [len(plain(document(LONG), window=window)) for window in (1, 8, 16, 1000)]
    assert sizes[0] > sizes[1] > sizes[2] > sizes[3] == 1


TALK = document(
    "Intro one. Intro two. Why do cats sleep? Nobody knows. It was warm. The end.",
    (41, 54, "assistant"), (22, 40, "user"), (55, 67, "assistant"),
)  # fmt: skip


def counted(found: Sequence[Section]) -> list[str]:
    return [
        section.text[one.start : one.end]
        for section in found
        for one in section.sentences
        if one.counts
    ]


@pytest.mark.parametrize("context", ["sentence", "passage"])
@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (("user",), ["Why do cats sleep?"]),
        (("assistant",), ["Nobody knows.", "It was warm."]),
        (("user", "assistant"), ["Why do cats sleep?", "Nobody knows.", "It was warm."]),
        (("system",), []),
        ((), []),
    ],
)
def test_only_text_of_the_roles_counts(
    roles: tuple[str, ...], expected: list[str], context: Context
) -> None:
    found = plain(TALK, context, masks=masks_of(*roles))
    assert counted(found) == expected
    if context == "sentence":
        # What does not count is not read.
        assert [section.text for section in found] == expected
    elif expected:
        # It is read as context.
        (section,) = found
        assert section.text == TALK.text
        assert len(section.sentences) == 6
    else:
        assert found == []


def test_all_text_counts_where_no_roles_are_asked_for() -> None:
    assert counted(plain(TALK)) == [
        "Intro one.", "Intro two.", "Why do cats sleep?", "Nobody knows.", "It was warm.",
        "The end.",
    ]  # fmt: skip


def test_sentences_do_not_cross_the_borders_of_roles() -> None:
    one = document("one two three four five", (4, 13, "a"), (13, 18, "b"))
    found = counted(plain(one, "sentence"))
    assert [text.strip() for text in found] == ["one", "two three", "four", "five"]
    # A role without text changes nothing.
    empty = document("one two three", (0, 0, "a"), (0, 13, "b"))
    assert counted(plain(empty, masks=masks_of("b"))) == ["one two three"]


class Template:
    """A chat template that trims messages and writes roles around them."""

    chat_template = "a template"

    def apply_chat_template(
        self, messages: list[dict[str, Any]], *, tokenize: bool, **_more: object
    ) -> str:
        assert not tokenize
        said = [f"<|{one['role']}|>\n{one['content'].strip()}<|end|>\n" for one in messages]
        return "<s>" + "".join(said)


CHAT = chat(
    ("user", "  Why do cats sleep? 雪? "),
    ("assistant", "Nobody knows. Assistant sleeps!"),
    ("user", "Why do cats sleep? 雪?"),
)


def rendered(one: Document) -> str:
    contents = [
        {"role": role.role, "content": one.text[role.start : role.end]} for role in one.roles
    ]
    return Template().apply_chat_template(contents, tokenize=False)


@pytest.mark.parametrize("limit", [1, 40, 60, 10_000])
@pytest.mark.parametrize("roles", [None, ("user",), ("assistant",)])
def test_a_chat_is_read_whole_and_its_pieces_are_those_of_the_document(
    limit: int, roles: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections_module, "_SECTION_CHARACTERS", limit)
    masks = ALL if roles is None else masks_of(*roles)
    found = list(chat_sections(CHAT, 7, tokenizer=Template(), masks=masks, window=0))
    assert "".join(section.text for section in found) == rendered(CHAT)
    assert (len(found) == 1) == (limit == 10_000)
    copied: set[int] = set()
    for section in found:
        assert section.document == 7
        assert section.sentences
        for piece in section.pieces:
            assert piece.length > 0
            inside = section.text[piece.start : piece.start + piece.length]
            own = range(piece.document_start, piece.document_start + piece.length)
            assert inside == CHAT.text[own.start : own.stop]
            assert not copied & set(own)
            copied |= set(own)
    # All that was said is in a piece, but for the spaces that the template takes off.
    for role in CHAT.roles:
        said = CHAT.text[role.start : role.end]
        start = role.start + len(said) - len(said.lstrip())
        assert set(range(start, start + len(said.strip()))) <= copied
    expected = ["Why do cats sleep?", "雪?", "Nobody knows.", "Assistant sleeps!"]
    wanted: dict[tuple[str, ...] | None, list[str]] = {
        None: [*expected, *expected[:2]],
        ("user",): [*expected[:2], *expected[:2]],
        ("assistant",): expected[2:],
    }
    assert [text.strip() for text in counted(found)] == wanted[roles]


def test_a_chat_in_which_nothing_counts_has_no_sections() -> None:
    masks = masks_of("system")
    assert list(chat_sections(CHAT, 0, tokenizer=Template(), masks=masks, window=9)) == []
    empty = chat(("user", " "), ("assistant", ""))
    assert list(chat_sections(empty, 0, tokenizer=Template(), masks=ALL, window=9)) == []


def test_a_message_without_text_is_written_by_the_template_alone() -> None:
    one = chat(("system", ""), ("user", "Why?"))
    (section,) = chat_sections(one, 0, tokenizer=Template(), masks=ALL, window=9)
    assert section.text == rendered(one)
    (piece,) = section.pieces
    assert section.text[piece.start : piece.start + piece.length] == "Why?"
    assert counted([section]) == ["Why?"]

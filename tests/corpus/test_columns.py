"""Columns are chosen by their names, and rows become documents by them."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from corpuscope.corpus.columns import (
    BY_POSITION,
    DocumentColumns,
    check_column_names,
    choose_content,
    id_of,
)
from corpuscope.corpus.document import Document, Role, Skipped
from corpuscope.errors import ColumnNotFound, InputError
from tests.corpus.parts import row

TEXT = DocumentColumns(("text",), "text", None, ())
ANSWER = DocumentColumns(("prompt", "response"), "answer", None, ())
ANSWERS = DocumentColumns(("x", "y"), "answers", "id", None, "prompt")


def entry(columns: DocumentColumns, **values: object) -> Document | Skipped:
    return columns.entry(row(**values), 3, Counter())


def document(columns: DocumentColumns, **values: object) -> Document:
    found = entry(columns, **values)
    assert isinstance(found, Document)
    return found


def said(found: Document) -> list[tuple[str, str]]:
    return [(one.role, found.text[one.start : one.end]) for one in found.roles]


def chosen(found: list[str], **asked: str | list[str]) -> tuple[str, tuple[str, ...]]:
    none = {"text": None, "prompt": None, "response": None, "messages": None, "answers": ()}
    return choose_content(found, **{**none, **asked})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (" ", " "),
        (7, "7"),
        (-7.0, "-7"),
        (7.5, "7.5"),
        (np.int64(7), "7"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        *((value, None) for value in ["", None, True, [1], float("nan"), float("inf"), "\ud800"]),
    ],
)
def test_text_and_numbers_are_ids(value: object, expected: str | None) -> None:
    assert id_of(value) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["messages", "text"], ("text", ("text",))),
        (["prompt", "response", "conversations"], ("messages", ("conversations",))),
        (["response", "prompt", "completion"], ("answer", ("prompt", "response"))),
        (["prompt", "completion"], ("answer", ("prompt", "completion"))),
        (["output", "instruction"], ("answer", ("instruction", "output"))),
        (["question", "answer"], ("answer", ("question", "answer"))),
        (["prompt", "rejected", "chosen"], ("answers", ("chosen", "rejected"))),
    ],
)
def test_without_a_choice_the_first_usual_names_are_taken(
    found: list[str], expected: tuple[str, tuple[str, ...]]
) -> None:
    assert chosen(found) == expected


def test_what_is_asked_for_is_taken_whatever_there_is() -> None:
    assert chosen(["text"], text="body") == ("text", ("body",))
    assert chosen(["text"], messages="chat") == ("messages", ("chat",))
    assert chosen(["text"], prompt="q", response="a") == ("answer", ("q", "a"))
    assert chosen(["text"], answers=["x", "y"]) == ("answers", ("x", "y"))
    assert chosen(["text"], answers=["x", "y"], prompt="q") == ("answers", ("x", "y"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"prompt": "q"}, "prompt"),
        ({"response": "a"}, "response"),
        ({"text": "t", "messages": "m"}, "text, messages"),
        ({"text": "t", "prompt": "q", "response": "a"}, "text, prompt, response"),
        ({"answers": ["x"], "response": "a"}, "response, answers"),
    ],
)
def test_half_a_way_or_two_are_refused(asked: dict[str, str | list[str]], told: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen(["text"], **asked)
    assert caught.value.found == f"the columns {told} are named"
    assert caught.value.expected.startswith("text alone, messages alone")
    assert caught.value.next_step == "name only one of these"


def test_no_usual_name_is_refused_with_all_names_and_what_holds_no_messages() -> None:
    none = dict.fromkeys(("text", "prompt", "response", "messages"))
    with pytest.raises(ColumnNotFound) as caught:
        choose_content(["a"], answers=(), known=["a", "chat"], **none)
    assert caught.value.found == "the columns 'a', 'chat'; 'chat' has no messages"
    with pytest.raises(ColumnNotFound, match="the columns 'prompt', 'note'"):
        chosen(["prompt", "note"])


def test_missing_columns_are_told_with_some_of_those_there_are() -> None:
    check_column_names(["a"], ["b", "a"], source="a.csv")
    with pytest.raises(ColumnNotFound) as caught:
        check_column_names(["x", "c0", "y"], [f"c{n}" for n in range(32)], source="a.csv")
    assert caught.value.found == "a.csv has no column 'x', 'y'"
    assert caught.value.expected.endswith("'c28', 'c29' and 2 others")
    with pytest.raises(ColumnNotFound, match=r"one of 'a', 'b'\. Next"):
        check_column_names(["x"], ["a", "b"], source="a.csv")


def test_a_text_becomes_a_document_with_all_other_columns() -> None:
    columns = replace(TEXT, id="key", metadata=None)
    found = entry(columns, text=" x ", key=7, note=np.float64("nan"), tags=["a"])
    assert found == Document("7", " x ", {"note": None, "tags": '["a"]'})
    assert entry(TEXT, text=2.5, note="y") == Document("000003", "2.5", {})
    named = replace(TEXT, metadata=("text", "gone"))
    assert entry(named, text="x", note="y") == Document("000003", "x", {"text": "x", "gone": None})


@pytest.mark.parametrize("text", [None, "", " \n\u3000", float("nan")])
def test_a_row_without_text_is_skipped(text: object) -> None:
    assert entry(TEXT, text=text) == Skipped("000003", "empty text", "listed, row 1")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"text": "cut \ud83d"}, "an unpaired surrogate in the text"),
        ({"text": "caf\udce9"}, "bytes that are not UTF-8 in the text"),
        ({"text": "x", "note": "\udc80"}, "bytes that are not UTF-8 in note"),
        ({"text": "x", "\ud83d": 1}, "an unpaired surrogate in a column name"),
    ],
)
def test_what_no_file_can_hold_is_skipped(values: dict[str, object], reason: str) -> None:
    found = entry(replace(TEXT, metadata=None), **values)
    assert found == Skipped("000003", reason, "listed, row 1")


@pytest.mark.parametrize("value", [True, ["x"], {"a": 1}, b"x"])
def test_what_is_no_text_is_refused_with_its_type(value: object) -> None:
    with pytest.raises(InputError) as caught:
        entry(TEXT, text=value)
    assert f"a value of type {type(value).__name__} in the column 'text'" in caught.value.found
    assert ("messages=" in caught.value.next_step) == isinstance(value, list)


def test_an_image_beside_the_text_is_left_out_and_counted_unless_asked_for() -> None:
    left_out: Counter[str] = Counter()
    found = replace(TEXT, metadata=None).entry(row(text="x", image=b"png"), 0, left_out)
    assert found == Document("000000", "x", {"image": None})
    assert left_out == {"bytes in the column 'image'": 1}
    with pytest.raises(InputError, match="'image'"):
        entry(replace(TEXT, metadata=("image",)), text="x", image=b"png")


def test_messages_become_a_text_with_roles_and_what_they_leave_out_is_counted() -> None:
    chat = [
        {"role": "user", "content": [{"type": "text", "text": "Why?"}, {"type": "image"}]},
        {"role": "assistant", "content": "So."},
    ]
    left_out: Counter[str] = Counter()
    found = DocumentColumns(("chat",), "messages", None, ()).entry(row(chat=chat), 0, left_out)
    assert isinstance(found, Document)
    assert said(found) == [("user", "Why?"), ("assistant", "So.")]
    assert sum(left_out.values()) == 1
    assert isinstance(entry(DocumentColumns(("chat",), "messages", None, ()), chat=None), Skipped)


def test_a_prompt_and_its_response_are_two_roles_but_a_prompt_alone_is_nothing() -> None:
    found = document(ANSWER, prompt="Why?", response="So.")
    assert (found.text, said(found)) == ("Why?\n\nSo.", [("user", "Why?"), ("assistant", "So.")])
    assert said(document(ANSWER, prompt=None, response="So.")) == [("assistant", "So.")]
    assert isinstance(entry(ANSWER, prompt="Why?", response=""), Skipped)
    asked = [{"role": "system", "content": "Be."}, {"role": "user", "content": "Why?"}]
    roles = [role for role, _ in said(document(ANSWER, prompt=asked, response="So."))]
    assert roles == ["system", "user", "assistant"]


def test_one_of_several_answers_follows_its_prompt_and_is_told_apart_by_its_id() -> None:
    values = {"id": "a", "prompt": "Why?", "answer": "So.", "answer_of": "y", "row": "000000"}
    found = document(ANSWERS, **values)
    assert (found.id, found.text) == ("a/y", "Why?\n\nSo.")
    assert found.metadata == {"answer_of": "y", "row": "000000"}
    alone = document(replace(ANSWERS, prompt=None), **values)
    assert (alone.text, alone.roles) == ("So.", ())
    assert alone.metadata["prompt"] == "Why?"
    assert isinstance(entry(ANSWERS, **{**values, "answer": None}), Skipped)


def test_answers_that_hold_what_they_answer_are_not_put_behind_it_again() -> None:
    whole = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    found = document(ANSWERS, id="a", prompt="Why?", answer=whole, answer_of="x")
    assert found.text == "Why?\n\nSo."


def test_dialogues_get_the_roles_that_their_lines_name() -> None:
    text = "User: Hi\nBot: Yo"
    assert document(TEXT, text=text).roles == ()
    found = document(replace(TEXT, is_dialogue=True), text=text)
    assert found.roles == (Role(6, 8, "user"), Role(14, 16, "assistant"))
    answers = replace(ANSWERS, is_dialogue=True)
    found = document(answers, id="a", prompt="Why?", answer=text, answer_of="x")
    assert (found.text, len(found.roles)) == (text, 2)


def test_a_row_without_an_id_is_refused_where_a_column_is_to_hold_them() -> None:
    columns = replace(TEXT, id="key")
    assert columns.identify(row(key=5), 9) == "5"
    assert columns.own_id(row(key=None)) is None
    with pytest.raises(InputError) as caught:
        columns.identify(row(key=None), 9)
    assert "has None in the id column 'key'" in caught.value.found
    assert f"id={BY_POSITION!r}" in caught.value.next_step
    assert columns.by_position() == TEXT
    assert TEXT.identify(row(key=None), 9) == "000009"
    assert TEXT.own_id(row(key=5)) is None


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (TEXT, {"text": "text", "id": None, "metadata": []}),
        (
            replace(TEXT, is_dialogue=True),
            {"text": "text", "dialogue": True, "id": None, "metadata": []},
        ),
        (replace(TEXT, reading="messages"), {"messages": "text", "id": None, "metadata": []}),
        (ANSWER, {"prompt": "prompt", "response": "response", "id": None, "metadata": []}),
        (ANSWERS, {"answers": ["x", "y"], "prompt": "prompt", "id": "id", "metadata": None}),
    ],
)
def test_the_choice_is_told_as_plain_data(
    columns: DocumentColumns, expected: dict[str, object]
) -> None:
    assert columns.describe() == expected

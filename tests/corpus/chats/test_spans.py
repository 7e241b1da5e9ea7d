"""Chats become one text with true character spans."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.corpus.chats.spans import join_messages
from corpuscope.corpus.document import Document, Role, Skipped
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import InputError

MESSAGES = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
ROLES = (Role(0, 4, "user"), Role(6, 9, "assistant"))


def test_prompt_and_response_become_a_chat_and_are_not_repeated_in_metadata():
    rows = [{"prompt": "Why?", "response": "So.", "model": "m"}]
    assert list(read_corpus(rows)) == [Document("000000", "Why?\n\nSo.", {"model": "m"}, ROLES)]


def test_a_prompt_beside_a_chosen_text_stays_metadata():
    rows = [{"prompt": "Why?", "response": "So."}]
    assert list(read_corpus(rows, text="response")) == [
        Document("000000", "So.", {"prompt": "Why?"})
    ]


@pytest.mark.parametrize(
    "value",
    [
        MESSAGES,
        tuple(MESSAGES),
        json.dumps(MESSAGES),
        [
            {"role": "user", "content": [{"type": "text", "text": "Why?"}]},
            {"role": "tool", "content": None},
            {"role": "assistant", "content": "So.", "name": "x"},
        ],
    ],
)
def test_messages_are_read_from_lists_and_from_json(value):
    (document,) = read_corpus([{"messages": value}])
    assert document == Document("000000", "Why?\n\nSo.", {}, ROLES)


def test_parts_of_one_message_belong_to_one_role():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    (document,) = read_corpus([{"chat": [{"role": "user", "content": parts}]}], messages="chat")
    assert document.text == "a\n\nb"
    assert document.roles == (Role(0, 4, "user"),)


@pytest.mark.parametrize("value", [[], None, "", "[]", [{"role": "user", "content": " "}]])
def test_a_chat_without_text_is_skipped(value):
    rows = [{"messages": value}, {"messages": MESSAGES}]
    assert next(read_corpus(rows).entries()) == Skipped("000000", "empty text", "the list, item 1")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (7, "messages of type int"),
        ("{broken", "not JSON"),
        ("{}", "messages of type dict"),
        (["hello"], "a message of type str"),
        ([{"name": "human", "said": "x"}], "keys name, said"),
        ([{"role": "user", "content": 7}], "content of type int"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], r"without any text: image"),
    ],
)
def test_messages_of_another_form_are_refused(value, found):
    with pytest.raises(InputError, match=found):
        list(read_corpus([{"messages": value}]))


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant", "system"]), st.text())))
def test_each_role_spans_exactly_its_content(messages):
    text, roles = join_messages(messages)
    spoken = [(role, content) for role, content in messages if content]
    assert [(role.role, text[role.start : role.end]) for role in roles] == spoken
    gaps = [text[left.end : right.start] for left, right in pairwise(roles)]
    assert set(gaps) <= {"\n\n"}

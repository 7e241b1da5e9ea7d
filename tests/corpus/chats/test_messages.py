"""What is said in chats of all the forms that they are kept in."""

import json

import numpy as np
import pandas as pd
import pytest

from corpuscope.corpus.document import Role
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import InputError


def said(value: object, **how: object) -> list[tuple[str, str]]:
    (document,) = read_corpus([{"messages": value}], **how)
    return [(role.role, document.text[role.start : role.end]) for role in document.roles]


ASKED = [("user", "Why?"), ("assistant", "So.")]


@pytest.mark.parametrize(
    "value",
    [
        [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}],
        [{"role": "user", "parts": [{"text": "Why?"}]},
         {"role": "model", "parts": [{"text": "So."}]}],
        [{"role": "user", "content": {"text": "Why?"}}, {"role": "assistant", "content": "So."}],
        [{"role": "user", "content": [{"type": "input_text", "text": "Why?"}]},
         {"role": "assistant", "content": [{"type": "output_text", "text": "So."}]}],
        [{"author": {"role": "user"}, "content": {"parts": ["Why?"]}},
         {"author": {"role": "assistant"}, "content": {"parts": ["So."]}}],
        {"role": ["user", "assistant"], "content": ["Why?", "So."]},
        {"messages": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]},
        "[{'role': 'user', 'content': 'Why?'}, {'role': 'assistant', 'content': 'So.'}]",
        np.array([{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]),
    ],
)  # fmt: skip
def test_all_usual_forms_are_understood(value):
    assert said(value) == ASKED


def test_what_is_said_beside_the_content_has_its_role():
    call = {"type": "function", "function": {"name": "look", "arguments": '{"at": "sky"}'}}
    value = [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": None, "reasoning_content": "Hm.", "tool_calls": [call]},
        {"role": "tool", "content": "blue"},
        {"role": "assistant", "content": None, "refusal": "I cannot say."},
    ]
    assert said(value) == [
        ("user", "Why?"),
        ("reasoning", "Hm."),
        ("tool_call", 'look {"at": "sky"}'),
        ("tool", "blue"),
        ("assistant", "I cannot say."),
    ]


def test_parts_of_other_kinds_are_read_where_they_are_text():
    parts = [
        {"type": "thinking", "thinking": "Hm.", "signature": "x"},
        {"type": "text", "text": "Let me look."},
        {"type": "tool_use", "name": "look", "input": {"at": "sky"}},
    ]
    result = {"type": "tool_result", "content": [{"type": "text", "text": "blue"}]}
    value = [{"role": "assistant", "content": parts}, {"role": "user", "content": [result]}]
    assert said(value) == [
        ("reasoning", "Hm."),
        ("assistant", "Let me look."),
        ("tool_call", 'look {"at": "sky"}'),
        ("tool", "blue"),
    ]


def test_what_is_no_text_is_left_out_and_counted():
    value = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}, "Why?"]},
        {"role": "user", "content": [{"type": "image", "text": None}, 7]},
        {"role": "assistant"},
        "So.",
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": "So."},
    ]
    corpus = read_corpus([{"messages": value}])
    assert [document.text for document in corpus] == ["Why?\n\nSo."]
    assert corpus.survey.left_out == {
        "image": 2,
        "a part of type int": 1,
        "a message with the keys role": 1,
        "a message of type str": 1,
        "empty message": 1,
    }
    assert "image (2)" in corpus.survey.notes[0]


def test_one_chat_that_cannot_be_read_costs_one_row():
    rows = [{"messages": [{"role": "user", "content": f"Why {i}?"}]} for i in range(19)]
    corpus = read_corpus([*rows, {"messages": 7}])
    assert corpus.survey.skipped == {"not a text": 1}
    assert corpus.survey.n_documents == 19


def test_other_names_of_columns_are_seen_if_they_hold_messages():
    turns = [{"from": "human", "value": "Why?"}]
    assert [d.text for d in read_corpus([{"conversations": turns}])] == ["Why?"]
    rows = [{"conversations": 3, "prompt": "Why?", "response": "So."}]
    assert [d.text for d in read_corpus(rows)] == ["Why?\n\nSo."]


def test_a_column_for_each_model_becomes_a_document_each():
    table = pd.DataFrame({"id": ["q1", "q2"], "question": ["Why?", "How?"],
                          "old": ["So.", "Thus."], "new": ["Because.", None]})  # fmt: skip
    corpus = read_corpus(table, answers=["old", "new"], prompt="question")
    found = list(corpus)
    assert [(d.id, d.text) for d in found] == [
        ("q1/old", "Why?\n\nSo."), ("q1/new", "Why?\n\nBecause."), ("q2/old", "How?\n\nThus."),
    ]  # fmt: skip
    assert found[0].metadata == {"answer_of": "old", "row": "000000"}
    assert [role.role for role in found[0].roles] == ["user", "assistant"]
    assert corpus.n_documents == 4
    assert corpus.survey.skipped == {"empty text": 1}
    assert "--by answer_of --pair row" in corpus.survey.notes[0]


def test_preferences_are_seen_as_strings_and_as_messages():
    rows = [{"prompt": "Why?", "chosen": "So.", "rejected": "No."}]
    assert [(d.text, d.metadata["answer_of"]) for d in read_corpus(rows)] == [
        ("Why?\n\nSo.", "chosen"), ("Why?\n\nNo.", "rejected"),
    ]  # fmt: skip
    chats = [
        [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": end}]
        for end in ("So.", "No.")
    ]
    rows = [{"prompt": "Why?", "chosen": chats[0], "rejected": chats[1]}]
    assert [d.text for d in read_corpus(rows)] == ["Why?\n\nSo.", "Why?\n\nNo."]
    rows = [{"prompt": chats[0][:1], "chosen": chats[0][1:], "rejected": chats[1][1:]}]
    assert [d.text for d in read_corpus(rows)] == ["Why?\n\nSo.", "Why?\n\nNo."]


def test_names_that_are_made_must_be_free():
    with pytest.raises(InputError, match="the columns 'row'"):
        read_corpus([{"row": 1, "chosen": "a", "rejected": "b"}])


DIALOGUES = [
    "\n\nHuman: Why?\n\nAssistant: So.",
    "User: Why?\nAI: So.",
    "### Instruction:\nWhy?\n\n### Response:\nSo.",
    "**Human:** Why?\n**Assistant:** So.",
    "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>",
]


@pytest.mark.parametrize("text", DIALOGUES)
def test_dialogues_in_plain_text_are_offered_and_read_with_their_roles(text):
    corpus = read_corpus([text])
    assert "--dialogue" in corpus.survey.notes[0]
    assert next(iter(corpus)).roles == ()
    (document,) = read_corpus([text], dialogue=True)
    assert document.text == text
    assert [(r.role, text[r.start : r.end]) for r in document.roles] == ASKED


def test_prose_with_a_colon_is_no_dialogue():
    corpus = read_corpus(["He wrote this.\nAnswer: it depends.", "Question: why not?", "Plain."])
    assert corpus.survey.notes == ()


def test_chosen_and_rejected_dialogues_are_offered_as_roles():
    rows = [{"chosen": DIALOGUES[0], "rejected": DIALOGUES[0].replace("So", "No")}]
    assert any("--dialogue" in note for note in read_corpus(rows).survey.notes)
    found = list(read_corpus(rows, dialogue=True))
    assert found[1].roles[0] == Role(9, 13, "user")


def test_a_chat_in_json_of_many_lines_is_one_document(tmp_path):
    chat = {"messages": [{"role": "user", "content": "Why?"}]}
    (tmp_path / "a.json").write_text(json.dumps(chat, indent=2))
    assert [d.text for d in read_corpus(tmp_path / "a.json")] == ["Why?"]

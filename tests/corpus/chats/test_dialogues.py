"""Who says what is told by the names at the beginnings of lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.chats.dialogues import are_dialogues, roles_in

Said = list[tuple[str, str]]
DIALOGUE = "User: Hi there\nBot: Hello"


def said(text: str) -> Said:
    return [(role.role, text[role.start : role.end]) for role in roles_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Human: Why?\n\nAssistant: Because.",
        "\n USER:Why?  \n\n\t ai:\n Because.\n",
        "**Prompt:** Why?\n**Response:** Because.",
        "**Prompt**: Why?\n**Response**: Because.",
        "### Instruction:\nWhy?\n\n### Response:\nBecause.\n",
        "[Question]: Why?\n[Answer]: Because.",
        "Q: Why?\nA: Because.",
        "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nBecause.<|im_end|>\n",
        "<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nBecause.<|eot_id|>",
    ],
)
def test_the_usual_ways_to_name_speakers_are_known(text: str) -> None:
    assert said(text) == [("user", "Why?"), ("assistant", "Because.")]


def test_what_is_said_may_have_many_lines_and_names_within_them() -> None:
    text = "Doctor: One.\n\nTwo: three.\nSo, patient: wait.\nPatient: Yes."
    assert said(text) == [
        ("doctor", "One.\n\nTwo: three.\nSo, patient: wait."),
        ("patient", "Yes."),
    ]


def test_signs_of_chat_markup_come_before_names_and_other_roles_keep_theirs() -> None:
    text = "<|im_start|>Narrator\nUser: no.<|im_end|>\nbetween\n<|im_start|>bot\nYes."
    assert said(text) == [("narrator", "User: no."), ("assistant", "Yes.")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No one speaks here.",
        "A: a play\nB: of letters",
        "Q: alone",
        "He asked: why?",
        "Users: 7",
    ],
)
def test_where_nobody_is_named_there_are_no_roles(text: str) -> None:
    assert roles_in(text) == ()


def test_a_letter_beside_whole_names_is_no_name() -> None:
    assert said("User: Which?\nA: one\nBot: Yes.") == [
        ("user", "Which?\nA: one"),
        ("assistant", "Yes."),
    ]


def test_a_turn_without_text_has_no_role() -> None:
    text = "<|im_start|>system\n<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>"
    assert said(text) == [("user", "Why?")]
    assert said("User: Why?\nBot:") == [("user", "Why?")]


turns = st.lists(
    st.tuples(
        st.sampled_from([("Human", "user"), ("Assistant", "assistant"), ("Teacher", "teacher")]),
        st.text("xyé .,\n", max_size=8).map(lambda text: f"x{text}".rstrip()),
    ),
    max_size=4,
)


@settings(max_examples=50)
@given(turns, st.sampled_from(["\n", "\n\n", " \n"]))
def test_what_is_written_by_name_comes_back(
    given_turns: list[tuple[tuple[str, str], str]], between: str
) -> None:
    text = between.join(f"{name}: {content}" for (name, _), content in given_turns)
    assert said(text) == [(role, content) for (_, role), content in given_turns]


def test_four_texts_in_five_must_be_dialogues() -> None:
    assert are_dialogues([DIALOGUE] * 4 + ["prose"])
    assert not are_dialogues([DIALOGUE] * 7 + ["prose"] * 2)
    assert are_dialogues(iter([DIALOGUE]))
    assert not are_dialogues([])


def test_a_dialogue_has_two_speakers_of_whom_one_begins_near_the_beginning() -> None:
    assert not are_dialogues(["User: Hi\nUser: again"])
    # What the first one says is at 59 and at 60.
    assert are_dialogues(["x" * 52 + "\n" + DIALOGUE])
    assert not are_dialogues(["x" * 53 + "\n" + DIALOGUE])

import pytest

from corpuscope.corpus.document import Role
from corpuscope.reader.chat.habits import Habits
from corpuscope.reader.chat.turns import Script, Turn, calls_in, turns_of
from tests.reader.tiny import chat

USUAL = Habits(
    takes_system=True, takes_developer=False, takes_parts=False, takes_objects=True,
    writes_objects=True, takes_none=False, reasoning_key="reasoning_content",
)  # fmt: skip
NO_SYSTEM = Habits(
    takes_system=False, takes_developer=False, takes_parts=True, takes_objects=False,
    writes_objects=True, takes_none=True, reasoning_key=None,
)  # fmt: skip


def roles(*names: str) -> list[Role]:
    return [Role(0, 1, name) for name in names]


def test_reasoning_answer_and_calls_are_one_message() -> None:
    found = turns_of(roles("user", "reasoning", "assistant", "tool_call", "tool"), USUAL)
    assert found == [
        Turn("user", contents=[0]),
        Turn("assistant", reasoning=[1], contents=[2], calls=[3]),
        Turn("tool", contents=[4]),
    ]


def test_two_answers_are_two_messages() -> None:
    found = turns_of(roles("assistant", "assistant", "tool_call", "assistant"), USUAL)
    assert [turn.contents for turn in found] == [[0], [1], [3]]
    assert [turn.role for turn in turns_of(roles("tool_call", "reasoning"), USUAL)] == [
        "assistant",
        "assistant",
    ]


@pytest.mark.parametrize("name", ["system", "developer"])
def test_a_refused_system_prompt_is_part_of_the_first_user_message(name: str) -> None:
    assert turns_of(roles(name, "user"), NO_SYSTEM) == [Turn("user", contents=[0, 1])]
    assert turns_of(roles(name, "assistant"), NO_SYSTEM) == [
        Turn("user", contents=[0]),
        Turn("assistant", contents=[1]),
    ]
    assert turns_of(roles(name), USUAL) == [Turn(name, contents=[0])]


def test_messages_have_the_form_that_the_template_takes() -> None:
    talk = chat(
        ("system", "Be brief."), ("user", "Why?"), ("reasoning", "Hm."),
        ("tool_call", 'find {"a": 1}\n\nstop'), ("tool", "20"),
    )  # fmt: skip
    first, second, third, fourth = Script(talk, USUAL, None).messages(turns_of(talk.roles, USUAL))
    assert (first["role"], second["content"]) == ("system", "Why?")
    assert (third["reasoning_content"], third["content"]) == ("Hm.", "")
    functions = [call["function"] for call in third["tool_calls"]]
    assert functions == [
        {"name": "find", "arguments": {"a": 1}}, {"name": "stop", "arguments": {}},
    ]  # fmt: skip
    assert fourth["tool_call_id"] == third["tool_calls"][0]["id"]
    first, second, _ = Script(talk, NO_SYSTEM, None).messages(turns_of(talk.roles, NO_SYSTEM))
    assert first["content"] == [{"type": "text", "text": "Be brief.\n\nWhy?"}]
    assert second["content"] is None
    arguments = [call["function"]["arguments"] for call in second["tool_calls"]]
    assert arguments == ['{"a": 1}', "{}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stop", ["stop"]),
        ('find {"a": "b\\n\\nc"}\n\nfind {}', ['find {"a": "b\\n\\nc"}', "find {}"]),
        ("find all of\n\nit", ["find all of\n\nit"]),
        ("stop\n\nfind {}", ["stop", "find {}"]),
        ('find {"a": 1} and more', ['find {"a": 1} and more']),
        ("", []),
    ],
)
def test_several_calls_of_one_message_are_told_apart(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in calls_in(text, 0, len(text))] == expected

"""Every character of every role is where the template put it, for the templates of many models."""

import random
import string
from dataclasses import replace

import pytest

from corpuscope.corpus.document import Document
from corpuscope.reader.chat.pieces import ChatRefusedError, Piece
from corpuscope.reader.chat.render import render
from tests.reader.chat.chats import CHATS, FAMILIES, chat_of, tokenizer_of, with_template
from tests.reader.tiny import chat

ALTERNATE = ("command_r", "gemma2", "gemma3", "mistral_first")
NO_TOOLS = (
    "chatml", "deepseek_r1", "granite", "parts_only", "phi3", "phi4", "smollm2", "tulu",
)  # fmt: skip
REFUSED = {
    **{(family, "tools"): "alternate" for family in ALTERNATE},
    **{(family, "calls"): "alternate" for family in ALTERNATE},
    **{(family, "said with a call"): "alternate" for family in ALTERNATE},
    **{(family, "calls"): "leaves out what tool_call says" for family in NO_TOOLS},
    **{(family, "tools"): "leaves out what tool_call says" for family in NO_TOOLS},
    **{(family, "said with a call"): "leaves out what tool_call says" for family in NO_TOOLS},
    **{("phi3", name): "what system says" for name in ("system", "repeated", "tools")},
    ("phi3", "developer"): "what developer says",
    ("llama3", "calls"): "single tool-calls",
    ("llama3", "said with a call"): "leaves out what assistant says",
    ("mistral", "said with a call"): "leaves out what assistant says",
    ("harmony", "calls"): "leaves out what tool_call says",
    ("harmony", "said with a call"): "leaves out what assistant says",
}
for _name in ("tools", "calls", "said with a call"):
    del REFUSED["deepseek_r1", _name]
KEEPS_REASONING = {"qwen3": ["More. Because."], "harmony": ["More. Because."]}
DROPS_INLINE = {"qwen3": (0,), "deepseek_r1": (0, 1)}
WRITES_NO_JSON = ("tool_tags",)
RENDERED = [(f, name) for f in FAMILIES for name in CHATS if (f, name) not in REFUSED]


def located(document: Document, pieces: list[Piece], message: int) -> str:
    """What of a message is in pieces, without white space."""
    own = [piece for piece in pieces if piece.message == message]
    return "".join(
        "".join(document.text[one.document_start : one.document_end].split()) for one in own
    )


def said(document: Document, message: int) -> str:
    role = document.roles[message]
    return "".join(document.text[role.start : role.end].split())


def expected(document: Document, family: str, message: int) -> str | None:
    """What of a message a template keeps; None if it may be any of it."""
    role, whole = document.roles[message].role, said(document, message)
    if role == "reasoning":
        kept = ["".join(text.split()) for text in KEEPS_REASONING.get(family, [])]
        return whole if whole in kept else ""
    if role == "tool_call" and family in WRITES_NO_JSON:
        return whole[: len("weather")] * whole.count("weather")
    if document.id == "inline" and role == "assistant":
        number = [r.role for r in document.roles[:message]].count("assistant")
        if number in DROPS_INLINE.get(family, ()):
            return whole.split("</think>")[1]
    return whole


@pytest.mark.parametrize(("family", "name"), RENDERED)
def test_every_character_of_every_role_is_found(family: str, name: str) -> None:
    document = chat_of(name)
    text, pieces = render(document, tokenizer_of(family))
    assert [piece.start for piece in pieces] == sorted(piece.start for piece in pieces)
    for before, piece in zip([None, *pieces], pieces, strict=False):
        role = document.roles[piece.message]
        assert role.start <= piece.document_start < piece.document_end <= role.end
        own = document.text[piece.document_start : piece.document_end]
        assert text[piece.start : piece.end] == own
        assert before is None or before.end <= piece.start
    for message in range(len(document.roles)):
        assert located(document, pieces, message) == expected(document, family, message)


@pytest.mark.parametrize(("family", "name"), sorted(REFUSED))
def test_a_chat_that_a_template_does_not_take_is_refused_with_the_reason(
    family: str, name: str
) -> None:
    with pytest.raises(ChatRefusedError, match=REFUSED[family, name]):
        render(chat_of(name), tokenizer_of(family))


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"phi3"}))
def test_equal_messages_are_found_where_different_ones_would_be(family: str) -> None:
    """The place of each message is that of a word that occurs nowhere else."""
    equal = chat_of("repeated")
    random.seed(0)
    words = ["".join(random.choices(string.ascii_lowercase, k=3)) + "." for _ in equal.roles]
    roles = [(role.role, word) for role, word in zip(equal.roles, words, strict=True)]
    text, _ = render(different := chat(*roles), tokenizer_of(family))
    assert len(different.text) == len(equal.text)
    _, pieces = render(equal, tokenizer_of(family))
    assert [piece.start for piece in pieces] == [text.index(word) for word in words]
    assert all(text.count(word) == 1 for word in words)


def test_a_template_that_trims_is_followed_to_what_it_left() -> None:
    text, pieces = render(chat_of("system"), tokenizer_of("llama3"))
    assert [text[piece.start : piece.end] for piece in pieces] == ["Be brief.", "Why?", "Because."]
    text, pieces = render(chat_of("system"), tokenizer_of("chatml"))
    kept = [text[piece.start : piece.end] for piece in pieces]
    assert kept == ["Be brief.\n", "  Why? \n", "\n Because.  "]


def test_a_refused_system_prompt_begins_the_first_user_message() -> None:
    text, pieces = render(chat_of("system"), tokenizer_of("gemma2"))
    assert text.startswith("<s><start_of_turn>user\nBe brief.\n\n\n  Why?<end_of_turn>")
    assert [piece.message for piece in pieces] == [0, 1, 2]


def test_results_of_tools_that_are_written_as_json_are_found_between_the_escapes() -> None:
    document = chat_of("tools")
    text, pieces = render(document, tokenizer_of("llama3"))
    assert '"{\\"temp\\": 20, \\"text\\": \\"sun \\\\\\"x\\\\\\"\\"}\\nend"' in text
    (tool,) = [i for i, role in enumerate(document.roles) if role.role == "tool"]
    own = [text[one.start : one.end] for one in pieces if one.message == tool]
    assert own[:3] == ["{", '"temp', '": 20, ']
    assert "\\n" not in "".join(own)


def test_arguments_are_found_whatever_the_spaces_of_their_json() -> None:
    document = chat_of("calls")
    assert '{"at":"Rome"}' in document.text
    text, pieces = render(document, tokenizer_of("qwen25"))
    assert '{"at": "Rome"}' in text
    (call,) = [i for i, role in enumerate(document.roles) if role.role == "tool_call"]
    own = [text[one.start : one.end] for one in pieces if one.message == call]
    assert own == ["weather", '{"at":', '"Rome"}', "weather", '{"at":', '"Rome"}']


def test_the_same_chat_is_rendered_alike_on_every_day() -> None:
    for family in ("harmony", "granite", "llama3"):
        text, _ = render(chat_of("plain"), tokenizer_of(family))
        assert "2024" in text


def test_a_message_that_is_rewritten_is_refused_only_if_it_counts() -> None:
    shouting = with_template(
        "{% for m in messages %}{{ m.role }}: "
        "{{ m.content | upper if m.role == 'user' else m.content }}\n{% endfor %}"
    )
    talk = chat(("user", "why?"), ("assistant", "So."))
    with pytest.raises(ChatRefusedError, match="rewrites what user says"):
        render(talk, shouting)
    text, pieces = render(talk, shouting, counts=lambda role: role == "assistant")
    assert text.startswith("user: WHY?")
    assert [piece.message for piece in pieces] == [1]


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for m in messages %}{{ m.content[:3] }}{% endfor %}", "cuts a message"),
        ("{% for m in messages %}{{ m.content[1:-1] }}{% endfor %}", "followed"),
        ("{{ messages | length }}", "leaves out what user says"),
        ("{% for m in messages %}{{ m.content }}{{ m.content | length }}{% endfor %}", "followed"),
        ("{{ messages[0].nothing.at.all }}", "refuses it"),
        ("{{ messages + 1 }}", "fails on it"),
    ],
)
def test_what_cannot_be_followed_is_refused(template: str, reason: str) -> None:
    with pytest.raises(ChatRefusedError, match=reason):
        render(chat(("user", "Why do they?")), with_template(template))


def test_a_message_that_is_written_twice_is_found_where_it_stands_first() -> None:
    twice = with_template("{% for m in messages %}{{ m.content }} / {{ m.content }}{% endfor %}")
    text, pieces = render(chat(("user", "Why?")), twice)
    assert text == "Why? / Why?"
    assert pieces == [Piece(0, 0, 4)]


def test_roles_that_lie_elsewhere_in_the_text_are_found() -> None:
    """A dialogue in plain text has names of speakers between its roles."""
    text = "Human: Why?\n\nAssistant: Because."
    one = chat(("user", "Why?"), ("assistant", "Because."))
    roles = tuple(
        replace(role, start=text.index(word), end=text.index(word) + len(word))
        for role, word in zip(one.roles, ("Why?", "Because."), strict=True)
    )
    rendered, pieces = render(Document("d", text, {}, roles), tokenizer_of("chatml"))
    assert [rendered[p.start : p.end] for p in pieces] == ["Why?", "Because."]
    assert [p.document_start for p in pieces] == [7, 24]


def test_a_template_of_its_own_for_tools_is_used_where_there_are_tools() -> None:
    named = with_template(
        {
            "default": "{% for m in messages %}{{ m.role }} {{ m.content }}\n{% endfor %}",
            "tool_use": "{% for m in messages %}{{ m.role }} {{ m.content }}{% for c in "
            "m.tool_calls or [] %} {{ c.function | tojson }}{% endfor %}\n{% endfor %}",
        }
    )
    text, pieces = render(chat_of("tools"), named)
    assert 'assistant  {"name": "weather", "arguments": {' in text
    assert len({piece.message for piece in pieces}) == len(chat_of("tools").roles)

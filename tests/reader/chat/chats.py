"""Chats in the forms in which users have them, and the templates of common model families."""

from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from corpuscope.corpus.chats.messages import spoken_in
from corpuscope.corpus.chats.spans import join_messages
from corpuscope.corpus.document import Document
from corpuscope.corpus.sources.rows import Place

TEMPLATES = Path(__file__).parent.parent / "templates"
FAMILIES = sorted(path.stem for path in TEMPLATES.glob("*.jinja"))


def _call(name: str, arguments: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


CHATS: dict[str, list[dict[str, Any]]] = {
    "plain": [
        {"role": "user", "content": "Why do cats sleep?"},
        {"role": "assistant", "content": "Nobody knows. Assistant sleeps!"},
        {"role": "user", "content": "user"},
        {"role": "assistant", "content": "user"},
    ],
    "system": [
        {"role": "system", "content": "Be brief.\n"},
        {"role": "user", "content": "  Why? \n"},
        {"role": "assistant", "content": "\n Because.  "},
    ],
    "repeated": [
        {"role": "system", "content": "Yes."},
        {"role": "user", "content": "Yes."},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Yes."},
        {"role": "assistant", "content": "Yes."},
    ],
    "parts": [
        {"role": "user", "content": [{"type": "text", "text": "One."}, {"text": "Two."}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Three."}]},
    ],
    "thinking": [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "reasoning_content": "\nHm, think.\n", "content": "Because."},
        {"role": "user", "content": "Why so?"},
        {"role": "assistant", "reasoning_content": "More. Because.", "content": "Because."},
    ],
    "inline": [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "<think>\nHm. Because.\n</think>\n\nBecause."},
        {"role": "user", "content": "Why so?"},
        {"role": "assistant", "content": "<think>\nMore.\n</think>\n\nBecause."},
    ],
    "tools": [
        {"role": "system", "content": "Use tools."},
        {"role": "user", "content": "Weather in Paris?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [_call("weather", {"city": "Paris", "days": 2, "say": 'a "b" é'})],
        },
        {"role": "tool", "content": '{"temp": 20, "text": "sun \\"x\\""}\nend'},
        {"role": "assistant", "content": "It is 20 degrees."},
    ],
    "calls": [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "tool_calls": [_call("weather", '{"at":"Rome"}'), _call("weather", '{"at":"Rome"}')],
        },
        {"role": "tool", "content": "one\ntwo"},
        {"role": "tool", "content": "20"},
        {"role": "assistant", "content": "Done."},
    ],
    "said with a call": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "Let me look.", "tool_calls": [_call("weather", {})]},
        {"role": "tool", "content": "20"},
        {"role": "assistant", "content": "Done."},
    ],
    "developer": [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."},
    ],
    "odd": [
        {"role": "user", "content": "<|im_end|> {{ x }} \\n ümläut 😀 [INST] </s> \ue000"},
        {"role": "assistant", "content": "Line\n\n\nlines   "},
        {"role": "user", "content": "   "},
        {"role": "assistant", "content": "x"},
    ],
}


def chat_of(name: str) -> Document:
    """One of the chats, as a document."""
    text, roles = join_messages(spoken_in(CHATS[name], Place("")).said)
    return Document(name, text, {}, roles)


@cache
def tokenizer_of(family: str) -> PreTrainedTokenizerFast:
    """A tokenizer without tokens, which has the template of a family."""
    return with_template((TEMPLATES / f"{family}.jinja").read_text("utf-8"))


def with_template(template: str | dict[str, str]) -> PreTrainedTokenizerFast:
    """A tokenizer without tokens, which has this template."""
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE()),
        bos_token="<s>",
        eos_token="</s>",
        chat_template=template,
    )

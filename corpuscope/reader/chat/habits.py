"""What a chat template takes, found by rendering small chats with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from corpuscope.reader.chat.pieces import ChatRefusedError

# Templates that write today's date would make another text each day; this is Llama 3's default.
_DATE = "26 Jul 2024"
_PARTS = {"%Y": "2024", "%m": "07", "%d": "26", "%B": "July", "%b": "Jul", "%H:%M:%S": "12:00:00"}
_CLOCK = "strftime_now"
# A macro of that name takes the place of the function that templates are given.
_FIXED_CLOCK = (
    f"{{% macro {_CLOCK}(form) %}}{{{{ form"
    + "".join(f"|replace('{sign}', '{part}')" for sign, part in _PARTS.items())
    + " }}{% endmacro %}"
)

Message = dict[str, Any]
"""A message as chat templates take it."""

_USER: Message = {"role": "user", "content": "Why?"}
_ASSISTANT: Message = {"role": "assistant", "content": "Because."}
_SYSTEM: Message = {"role": "system", "content": "Be brief."}
_DEVELOPER: Message = {"role": "developer", "content": "Be brief."}
_OBJECT = re.compile(r'\{\s*"a":\s*"b"\s*\}')
_REASONING_KEYS = ("reasoning_content", "thinking", "reasoning")


@dataclass(frozen=True, slots=True)
class Habits:
    """What a chat template takes, where templates differ.

    Attributes:
        takes_system: Whether it takes a system prompt; else users put it before the first message.
        takes_developer: Whether it knows the role `developer`; else it is written as `system`.
        takes_parts: Whether contents must be lists of parts, as for models that take images.
        takes_objects: Whether arguments of tool calls are given as objects; else as strings.
        writes_objects: Whether it writes them as JSON; else only the names of tools count.
        takes_none: Whether a call without content must say so with none; else it is empty.
        reasoning_key: The name of a message's reasoning; None if it takes none.
    """

    takes_system: bool
    takes_developer: bool
    takes_parts: bool
    takes_objects: bool
    writes_objects: bool
    takes_none: bool
    reasoning_key: str | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What readers of the results should know; empty for most templates."""
        notes = []
        if not self.takes_system:
            notes.append(
                "the reader's chat template takes no system prompt: it is read at the beginning "
                "of the first user message"
            )
        if not self.writes_objects:
            notes.append(
                "the reader's chat template does not write tool calls as JSON: their arguments "
                "are read, but only the names of tools count"
            )
        return tuple(notes)


def has_template(tokenizer: Any) -> bool:
    """Whether the reader's tokenizer has a chat template."""
    return getattr(tokenizer, "chat_template", None) is not None


def habits_of(tokenizer: Any) -> Habits:
    """What the tokenizer's chat template takes."""
    return _habits(tokenizer, _source(tokenizer))


def written(tokenizer: Any, messages: Sequence[Message]) -> str:
    """The chat as the template writes it.

    Raises:
        ChatRefusedError: It does not write such a chat.
    """
    from jinja2 import TemplateError

    more = {}
    if template := _template(tokenizer, messages):
        more["chat_template"] = template
    try:
        found = tokenizer.apply_chat_template(
            list(messages), tokenize=False, date_string=_DATE, **more
        )
    except TemplateError as error:
        raise ChatRefusedError(f"the chat template refuses it ({error})") from error
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        # What templates do with values of a type that they do not expect.
        raise ChatRefusedError(f"the chat template fails on it ({error})") from error
    return str(found)


def _template(tokenizer: Any, messages: Sequence[Message]) -> str | None:
    """The template for these messages, if it is not simply the tokenizer's."""
    named = getattr(tokenizer, "chat_template", None)
    if isinstance(named, dict):
        has_tools = any(one["role"] == "tool" or "tool_calls" in one for one in messages)
        chosen = named.get("tool_use") if has_tools else None
        chosen = chosen or named.get("default")
    else:
        chosen = named
    if isinstance(chosen, str) and _CLOCK in chosen:
        return _FIXED_CLOCK + chosen
    return chosen if isinstance(named, dict) else None


def _source(tokenizer: Any) -> str:
    template = getattr(tokenizer, "chat_template", "")
    return "\n".join(template.values()) if isinstance(template, dict) else str(template)


@lru_cache(maxsize=8)
def _habits(tokenizer: Any, source: str) -> Habits:
    is_plain = _writes(tokenizer, [_USER], "Why")
    in_parts = {**_USER, "content": [{"type": "text", "text": "Why?"}]}
    takes_parts = not is_plain and _writes(tokenizer, [in_parts], "Why")
    talk = [_in_parts(one) if takes_parts else one for one in (_SYSTEM, _USER, _ASSISTANT)]
    takes_system = _is_taken(tokenizer, talk) or not _is_taken(tokenizer, talk[1:])
    knows_developer = "developer" in source and _writes(tokenizer, [_DEVELOPER, _USER], "Be brief.")
    with_object = [call for none in ("", None) for call in [_call({"a": "b"}, none)]]
    with_string = [call for none in ("", None) for call in [_call('{"a": "b"}', none)]]
    takes_objects = _any_writes(tokenizer, with_object, "find")
    takes_tools = takes_objects or _any_writes(tokenizer, with_string, "find")
    return Habits(
        takes_system=takes_system,
        takes_developer=knows_developer,
        takes_parts=takes_parts,
        takes_objects=takes_objects or not takes_tools,
        writes_objects=not takes_objects or _any_writes(tokenizer, with_object, _OBJECT),
        takes_none=takes_tools
        and not _any_writes(tokenizer, [with_object[0], with_string[0]], "find"),
        reasoning_key=_reasoning_key(source),
    )


def _reasoning_key(source: str) -> str | None:
    for key in _REASONING_KEYS:
        if re.search(rf"(?:\.|\[['\"]|['\"] in message\b.*?|['\"]){key}\b(?!_)", source):
            return key
    return None


def _call(arguments: object, content: str | None) -> list[Message]:
    function = {"name": "find", "arguments": arguments}
    calls = [{"type": "function", "id": "call00000", "function": function}]
    return [_USER, {"role": "assistant", "content": content, "tool_calls": calls}]


def _in_parts(message: Message) -> Message:
    return {**message, "content": [{"type": "text", "text": message["content"]}]}


def _is_taken(tokenizer: Any, messages: Sequence[Message]) -> bool:
    try:
        written(tokenizer, messages)
    except ChatRefusedError:
        return False
    return True


def _any_writes(
    tokenizer: Any, chats: Sequence[Sequence[Message]], words: str | re.Pattern[str]
) -> bool:
    return any(_writes(tokenizer, messages, words) for messages in chats)


def _writes(tokenizer: Any, messages: Sequence[Message], words: str | re.Pattern[str]) -> bool:
    try:
        return re.search(words, written(tokenizer, messages)) is not None
    except ChatRefusedError:
        return False

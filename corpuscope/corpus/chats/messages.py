"""Extracts roles and texts from lists of messages, in the usual chat formats.

Supported are `role` with `content` (OpenAI, and Anthropic's parts), `from` with `value`
(ShareGPT), `role` with `parts` (Gemini), and the same as columns or as JSON strings. Other texts
of a message get a role: refusals that of the message, reasoning `reasoning`, tool calls
`tool_call`, tool results `tool`. Non-text content, such as an image, is left out and counted.
"""

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, TypeGuard

from corpuscope.corpus.chats.spans import BLANK_LINE
from corpuscope.corpus.sources.rows import Place
from corpuscope.corpus.sources.values import plain_value
from corpuscope.errors import InputError

MESSAGE_COLUMNS = (
    "messages", "conversations", "conversation", "dialogue", "dialog", "chat", "turns", "contents"
)  # fmt: skip
"""Usual names of columns of messages, in order of preference."""

Said = tuple[str, str]
"""A role and its text."""

_ROLES, _CONTENTS = ("role", "from", "speaker", "author"), ("content", "value", "text", "parts")
_USUAL_NAMES = {
    "human": "user", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant",
    "model": "assistant", "ai": "assistant", "function": "tool", "observation": "tool",
    "prompter": "user", "function_response": "tool", "tool_response": "tool",
    "function_call": "tool_call",
}  # fmt: skip
_KNOWN_NAMES = frozenset({"user", "assistant", "system", "developer", "tool"})
_REASONING = ("reasoning_content", "reasoning", "thinking")
_ARGUMENTS = ("arguments", "input", "args")
_CALLS = ("tool_use", "function_call", "server_tool_use")
_ANSWERS = ("tool_result", "function_call_output")
_UNKNOWN = "unknown"


class Spoken(NamedTuple):
    """Roles and texts in order, and counts of what was left out, by kind."""

    said: list[Said]
    left_out: Counter[str]


def spoken_in(value: object, place: Place) -> Spoken:
    """The roles and texts in a cell.

    Args:
        value: A list of messages, a dict of lists, or either as a JSON or Python literal.
        place: The row of the value, for error messages.

    Raises:
        InputError: The value is not a list of messages, or none of it can be read.
    """
    messages = _listed(value, place)
    left_out: Counter[str] = Counter()
    said = [one for message in messages for one in _said(message, left_out)]
    if messages and not said and set(left_out) - {"empty message"}:
        raise _unfit(place, f"has messages without any text: {_counted(left_out)}")
    return Spoken(said, left_out)


def are_messages(value: object) -> bool:
    """Whether a cell looks like a list of messages."""
    try:
        return bool(spoken_in(value, Place("")).said)
    except InputError:
        return False


def _counted(left_out: Counter[str]) -> str:
    return ", ".join(f"{what} ({n})" for what, n in left_out.most_common(5))


def _listed(value: object, place: Place) -> Sequence[object]:
    value = plain_value(value)
    if isinstance(value, str):
        value = _list_in_string(value, place)
    if isinstance(value, Mapping):
        value = _list_in_object(value)
    if not _is_list(value):
        raise _unfit(place, f"has messages of type {type(value).__name__}")
    return value


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _list_in_string(value: str, place: Place) -> object:
    if not value.strip():
        return []
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        try:
            # Tables saved by pandas contain lists as Python literals.
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise _unfit(place, f"has messages that are not JSON ({error})") from error


def _list_in_object(value: Mapping[str, object]) -> object:
    """The messages in an object: under a usual name, as columns, or the object itself."""
    for name in MESSAGE_COLUMNS:
        if name in value:
            return plain_value(value[name])
    columns = {name: plain_value(one) for name, one in value.items()}
    lists = {name: one for name, one in columns.items() if _is_list(one)}
    if any(name in lists for name in _ROLES) and len({len(one) for one in lists.values()}) == 1:
        return [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]
    return [value] if any(name in value for name in _ROLES) else value


def _said(message: object, left_out: Counter[str]) -> list[Said]:
    if not isinstance(message, Mapping):
        left_out[f"a message of type {type(message).__name__}"] += 1
        return []
    role = _role_of(message)
    is_item = isinstance(message.get("type"), str) and not any(map(message.get, _CONTENTS))
    if not is_item and not any(
        name in message for name in (*_CONTENTS, *_REASONING, "refusal", "tool_calls")
    ):
        left_out[f"a message with the keys {', '.join(sorted(map(str, message)))[:80]}"] += 1
        return []
    before = left_out.total()
    found = _part(message, role, left_out) if is_item else _pieces(message, role, left_out)
    pieces = [one for one in found if one[1]]
    if not pieces and left_out.total() == before:
        left_out["empty message"] += 1
    return [
        (role, BLANK_LINE.join(text for _, text in same))
        for role, same in groupby(pieces, key=lambda piece: piece[0])
    ]


def _role_of(message: Mapping[str, object]) -> str:
    role = next((message[name] for name in _ROLES if message.get(name)), None)
    if isinstance(role, Mapping):
        role = role.get("role")
    if not isinstance(role, str):
        return _UNKNOWN
    plain = role.strip().lower()
    return _USUAL_NAMES.get(plain, plain if plain in _KNOWN_NAMES else role)


def _pieces(message: Mapping[str, object], role: str, left_out: Counter[str]) -> Iterator[Said]:
    reasoning = next((message[name] for name in _REASONING if message.get(name)), None)
    yield from _content(reasoning, "reasoning", left_out)
    # Tables of several message formats have the keys of all, most of them empty.
    content = next((one for name in _CONTENTS if _is_there(one := message.get(name))), None)
    yield from _content(content, role, left_out)
    if isinstance(refusal := message.get("refusal"), str):
        yield role, refusal
    if isinstance(audio := message.get("audio"), Mapping):
        yield from _content(audio.get("transcript"), role, left_out)
    for call in _calls_in(message.get("tool_calls")):
        yield from _call(call, left_out)
    if isinstance(call := message.get("function_call"), Mapping):
        yield from _call(call, left_out)


def _is_there(content: object) -> bool:
    return content is not None and not (isinstance(content, str | list) and not content)


def _calls_in(calls: object) -> Sequence[object]:
    calls = plain_value(calls)
    if isinstance(calls, str) and calls.strip():
        try:
            calls = json.loads(calls)
        except ValueError:
            return [{"name": calls}]
    return calls if _is_list(calls) else []


def _content(content: object, role: str, left_out: Counter[str]) -> Iterator[Said]:
    content = plain_value(content)
    if isinstance(content, str):
        yield role, content
    elif isinstance(content, Mapping):
        yield from _part(content, role, left_out)
    elif _is_list(content):
        for part in content:
            yield from _part(part, role, left_out)
    elif content is not None:
        left_out[f"content of type {type(content).__name__}"] += 1


def _part(part: object, role: str, left_out: Counter[str]) -> Iterator[Said]:
    if isinstance(part, str):
        yield role, part
        return
    if not isinstance(part, Mapping):
        left_out[f"a part of type {type(part).__name__}"] += 1
        return
    kind = part.get("type")
    if kind in _CALLS:
        yield from _call(part, left_out)
    elif isinstance(call := part.get("functionCall"), Mapping):
        yield from _call(call, left_out)
    elif isinstance(answer := part.get("functionResponse"), Mapping):
        yield (
            "tool",
            json.dumps(plain_value(answer.get("response")), ensure_ascii=False, default=str),
        )
    elif kind in _ANSWERS:
        yield from _content(part.get("content", part.get("output")), "tool", left_out)
    elif isinstance(text := part.get("text"), str):
        is_thought = bool(part.get("thought")) or kind in (*_REASONING, "summary_text")
        yield "reasoning" if is_thought else role, text
    elif isinstance(text := part.get("refusal"), str):
        yield role, text
    elif (thought := next((part[name] for name in _REASONING if part.get(name)), None)) is not None:
        yield from _content(thought, "reasoning", left_out)
    elif _is_list(parts := plain_value(part.get("parts") or part.get("summary"))):
        yield from _content(parts, role, left_out)
    elif _is_list(nested := plain_value(part.get("content"))) or isinstance(nested, str):
        yield from _content(nested, role, left_out)
    else:
        left_out[_kind_of(part)] += 1


def _kind_of(part: Mapping[str, object]) -> str:
    if isinstance(kind := part.get("type"), str):
        return kind.removesuffix("_url")
    return f"a part with the keys {', '.join(sorted(map(str, part)))[:80]}"


def _call(call: object, left_out: Counter[str]) -> Iterator[Said]:
    if not isinstance(call, Mapping):
        left_out[f"a call of type {type(call).__name__}"] += 1
        return
    function = call.get("function")
    named = function if isinstance(function, Mapping) else call
    arguments = next((named[name] for name in _ARGUMENTS if named.get(name)), "")
    if not isinstance(arguments, str):
        arguments = json.dumps(plain_value(arguments), ensure_ascii=False, default=str)
    text = f"{named.get('name') or ''} {arguments}".strip()
    if text:
        yield "tool_call", text
    else:
        left_out["a call without a name"] += 1


def _unfit(place: Place, found: str) -> InputError:
    return InputError(
        f"{place}, {found}",
        expected='messages such as [{"role": "user", "content": "Why?"}]',
        next_step="correct that row, or choose another column; save lists as Parquet or JSON "
        "Lines, since numpy's printed form cannot be read back",
    )

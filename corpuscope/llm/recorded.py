"""Recorded replies: every answer is known, and nothing is ever sent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpuscope.errors import AnswersMissing, InputError
from corpuscope.llm.request import Request
from corpuscope.llm.transport import Exchange

__all__ = ["Recorded", "save_recording"]

_FORMAT, _VERSION = "corpuscope recorded replies", 1


class Recorded:
    """Replies from a file that `save_recording` wrote.

    Args:
        path: The file.

    Raises:
        InputError: It is no such file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self.path.open(encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.strip()]
        head = lines[0] if lines else {}
        if head.get("format") != _FORMAT or head.get("version", 0) > _VERSION:
            raise InputError(
                f"{path} holds no recorded replies",
                expected=f"a file of the format {_FORMAT!r}, version {_VERSION}",
                next_step="name a file that was recorded with --record",
            )
        self.about: dict[str, Any] = head.get("about", {})
        """Who answered, and when."""
        self._asked: dict[str, Any] = head["asked"]
        self._bodies = {line["key"]: line["body"] for line in lines[1:]}

    @property
    def asked(self) -> Mapping[str, Any]:
        """What was asked when the replies were recorded."""
        return self._asked

    def send(self, requests: Sequence[Request], exchange: Exchange) -> None:
        """Hand over what was recorded.

        Raises:
            AnswersMissing: A request was not recorded.
        """
        missing = [one for one in requests if one.key(self._asked) not in self._bodies]
        if missing:
            raise AnswersMissing(
                f"{len(missing)} of {len(requests)} requests are not in {self.path}, the first "
                f"for {missing[0].purpose!r}",
                expected="the corpus and settings with which replies were recorded",
                next_step="use these, or ask a language model with --llm",
            )
        for one in requests:
            if exchange.may_send(one):
                exchange.receive(one, self._bodies[one.key(self._asked)], 0.0)


def save_recording(
    path: str | Path,
    replies: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    asked: Mapping[str, Any],
    about: Mapping[str, Any],
) -> None:
    """Write replies as a recording.

    Args:
        path: The file.
        replies: Key and body of each.
        asked: What the keys depend on (`Transport.asked`).
        about: Who answered, and when.
    """
    head = {"format": _FORMAT, "version": _VERSION, "asked": dict(asked), "about": dict(about)}
    lines = [head, *({"key": key, "body": dict(body)} for key, body in replies)]
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

"""Questions with their settings as keywords, for tests that try many of them."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_args

_Answer = TypeVar("_Answer")


def ask(question: Callable[..., _Answer], *stores: object, **options: Any) -> _Answer:
    """The answer to a question, of whose options some are fields of its settings."""
    kind = get_args(inspect.signature(question).parameters["settings"].annotation)[0]
    names = {field.name for field in dataclasses.fields(kind)} & set(options)
    given = options.pop("settings", kind())
    settings = dataclasses.replace(given, **{name: options.pop(name) for name in names})
    return question(*stores, settings=settings, **options)

"""Options that are declared once, as a dataclass, and shared by several commands."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with its dataclass parameters expanded into one option per field.

    Fields are annotated like parameters. The command itself receives the objects.

    Example:
        >>> @dataclasses.dataclass(frozen=True)
        ... class Size:
        ...     width: int = 1
        >>> def draw(name: str, size: Size) -> None:
        ...     print(name, size.width)
        >>> list(inspect.signature(grouped(draw)).parameters)
        ['name', 'width']
        >>> grouped(draw)(name="a", width=3)
        a 3
    """
    hints = get_type_hints(command, include_extras=True)
    taken = {
        name: kind
        for name, kind in hints.items()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    }
    parameters = [
        parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(command).parameters.items()
        if name not in taken
    ]
    for kind in taken.values():
        parameters += _parameters(kind)

    @functools.wraps(command)
    def expanded(**given: Any) -> None:
        whole = {
            name: kind(**{field.name: given.pop(field.name) for field in dataclasses.fields(kind)})
            for name, kind in taken.items()
        }
        command(**given, **whole)

    expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    expanded.__annotations__ = {one.name: one.annotation for one in parameters}
    return expanded


def _parameters(kind: type) -> list[inspect.Parameter]:
    """A keyword parameter for each field, with its annotation and default."""
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty
            if field.default is dataclasses.MISSING
            else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(kind)
    ]

"""Dataclass parameters become one option per field, and the command gets the objects back."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args

import pytest

from corpuscope.cli.grouped import grouped


@dataclass(frozen=True)
class Size:
    """How large."""

    width: int = 1
    height: Annotated[float | None, "in metres"] = None


@dataclass(frozen=True)
class Look:
    """How it looks; the colour must be given, and is of a kind that is defined below."""

    colour: "Colour"
    is_bright: bool = True


class Colour(str):
    """A name of a colour."""

    __slots__ = ()


def calls() -> tuple[list[dict[str, Any]], Callable[..., None]]:
    """A command that keeps what it is called with."""
    kept: list[dict[str, Any]] = []

    def draw(name: Annotated[str, "the name"], look: Look, n: int = 3, *, size: Size) -> None:
        """Draw it."""
        kept.append({"name": name, "look": look, "n": n, "size": size})

    return kept, grouped(draw)


def test_plain_parameters_come_first_and_then_the_fields() -> None:
    _, command = calls()
    signature = inspect.signature(command)
    assert list(signature.parameters) == ["name", "n", "colour", "is_bright", "width", "height"]
    kinds = {one.kind for one in signature.parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_defaults_and_annotations_are_those_of_the_fields() -> None:
    _, command = calls()
    found = inspect.signature(command).parameters
    defaults = {name: one.default for name, one in found.items()}
    assert defaults == {
        "name": inspect.Parameter.empty, "n": 3, "colour": inspect.Parameter.empty,
        "is_bright": True, "width": 1, "height": None,
    }  # fmt: skip
    # What is said beside a type is kept: the options are made of it.
    assert get_args(found["height"].annotation) == (float | None, "in metres")
    assert get_args(found["name"].annotation) == (str, "the name")
    assert found["width"].annotation is int
    assert found["colour"].annotation is Colour
    assert command.__annotations__ == {name: one.annotation for name, one in found.items()}


def test_the_command_gets_objects_of_what_was_given() -> None:
    kept, command = calls()
    command(name="a", n=7, colour=Colour("red"), is_bright=False, width=2, height=0.5)
    assert kept == [
        {"name": "a", "n": 7, "look": Look(Colour("red"), is_bright=False), "size": Size(2, 0.5)}
    ]


def test_the_command_keeps_its_name_and_what_it_says_of_itself() -> None:
    _, command = calls()
    assert command.__name__ == "draw"
    assert inspect.getdoc(command) == "Draw it."


def test_every_field_must_be_passed_as_the_command_line_does() -> None:
    kept, command = calls()
    with pytest.raises(KeyError, match="height"):
        command(name="a", n=7, colour=Colour("red"), is_bright=False, width=2)
    assert kept == []


def test_what_is_no_option_is_refused() -> None:
    _, command = calls()
    every = {
        "name": "a",
        "n": 7,
        "colour": Colour("red"),
        "is_bright": True,
        "width": 2,
        "height": None,
    }
    with pytest.raises(TypeError, match="depth"):
        command(**every, depth=3)


def test_a_command_without_groups_stays_as_it_is() -> None:
    kept: list[tuple[str, int]] = []

    def plain(name: str, n: int = 2) -> None:
        kept.append((name, n))

    command = grouped(plain)
    assert list(inspect.signature(command).parameters) == ["name", "n"]
    command(name="a", n=1)
    command(name="b")
    assert kept == [("a", 1), ("b", 2)]

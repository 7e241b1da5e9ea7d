"""Little is kept between batches, and what is free is given back where that can be done."""

import ctypes
import os
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from corpuscope.extraction import memory
from corpuscope.extraction.memory import give_back, keep_few_shapes

NAME = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"


@pytest.fixture(autouse=True)
def looked_up_anew() -> Iterator[None]:
    """The C library's function is looked up once a process."""
    memory._trim.cache_clear()
    yield
    memory._trim.cache_clear()


def test_few_shapes_are_kept_unless_the_user_says_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    keep_few_shapes()
    assert 0 < int(os.environ[NAME]) < 1024
    monkeypatch.setenv(NAME, "77")
    keep_few_shapes()
    assert os.environ[NAME] == "77"


def test_memory_is_given_back_by_one_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    looked_up: list[None] = []

    def library(name: None) -> SimpleNamespace:
        looked_up.append(name)
        return SimpleNamespace(malloc_trim=asked.append)

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", library)
    give_back()
    give_back()
    assert asked == [0, 0]
    assert looked_up == [None]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", None)
    give_back()


def test_another_c_library_gives_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for library in (SimpleNamespace(), OSError("no library")):

        def opened(_: None, library: object = library) -> object:
            if isinstance(library, OSError):
                raise library
            return library

        monkeypatch.setattr(ctypes, "CDLL", opened)
        memory._trim.cache_clear()
        give_back()

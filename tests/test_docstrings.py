"""Examples in docstrings print what they say."""

import doctest
import importlib
import importlib.util
import pkgutil
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import corpuscope

MODULES = [
    module.name
    for module in pkgutil.walk_packages(corpuscope.__path__, "corpuscope.")
    if not module.name.endswith("__main__")
    and ">>>" in Path(str(importlib.util.find_spec(module.name).origin)).read_text("utf-8")  # type: ignore[union-attr]
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.testmod(
        module, extraglobs={"np": np, "sp": sp}, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert not found.failed


def test_there_are_examples() -> None:
    assert len(MODULES) > 40

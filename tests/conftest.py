"""What tests of several rooms share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from jaxtyping import install_import_hook

import tests.typecheck  # noqa: F401  The hook finds it by its name.

PACKAGE = Path(__file__).parents[1] / "corpuscope"

# No test asks a network; where there is none, asking it takes most of a minute.
os.environ["HF_HUB_OFFLINE"] = "1"

# A busy machine is no failure.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


def modules_with_arrays() -> list[str]:
    """The modules whose annotations name array shapes.

    Each call of a checked function costs more than most functions on strings take, so that mypy
    alone sees to the types of all others.
    """
    return [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in sorted(PACKAGE.rglob("*.py"))
        if "shapes import" in path.read_text("utf-8")
    ]


install_import_hook(modules_with_arrays(), "tests.typecheck.check")

if "PYTEST_XDIST_WORKER" in os.environ:  # Several at once: each keeps to one core.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import corpuscope as cs  # noqa: E402


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's store, read once with the built-in reader and dictionary; not to be changed."""
    into = tmp_path_factory.mktemp("demo") / "demo.scope"
    return cs.extract(cs.demo_corpus(), into=into).path


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    """pyplot keeps every figure until it is told to close it."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")

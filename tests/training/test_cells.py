"""Runs of a grid have names of their own, which can be names of folders."""

from itertools import product
from pathlib import PurePosixPath

import pytest

from corpuscope.sae.objectives import NAMES
from corpuscope.training.cells import GridRun


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (GridRun("batch-top-k", 32, 0), "batch-top-k-32-seed0"),
        (GridRun("batch-top-k", 32.0, 0), "batch-top-k-32-seed0"),
        (GridRun("relu", 0.0025, 3), "relu-0.0025-seed3"),
        (GridRun("jump-relu", 1e-5, 1), "jump-relu-1e-05-seed1"),
        (GridRun("top-k", 64, 2, is_control=True), "top-k-64-seed2-control"),
    ],
)
def test_a_name_says_which_run(run: GridRun, name: str) -> None:
    assert run.name == name


def test_no_two_runs_of_a_grid_share_a_name() -> None:
    cells = [
        GridRun(*each)
        for each in product(NAMES, (0.001, 0.01, 0.015, 1.5, 8, 32, 100_000), (0, 1, 10, 11),
                            (False, True))
    ]  # fmt: skip
    names = {cell.name for cell in cells}
    assert len(names) == len(cells) == len(set(cells))
    assert all(PurePosixPath(name).parts == (name,) for name in names)

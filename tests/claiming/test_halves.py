"""The later half of an order, and the earlier."""

from pathlib import Path

import pytest

from corpuscope.claiming.halves import halves
from corpuscope.errors import NotEnoughData
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write


def source(path: Path, years: list[int | None]) -> NamedStore:
    made = [Made([f"w{i}"], set(), {"year": year}) for i, year in enumerate(years)]
    return NamedStore(write(path, made))


def test_a_middle_bin_is_in_neither_half(tmp_path: Path) -> None:
    found, later = halves(source(tmp_path / "s", [1, 2, 3, 3, None]), "year")
    assert found.tolist() == ["earlier (1)", None, "later (3)", "later (3)", None]
    assert later == "later (3)"


def test_an_even_number_is_divided(tmp_path: Path) -> None:
    found, _ = halves(source(tmp_path / "s", [4, 2, 3, 1]), "year")
    assert found.tolist() == [
        "later (3 ... 4)", "earlier (1 ... 2)", "later (3 ... 4)", "earlier (1 ... 2)",
    ]  # fmt: skip


def test_two_groups_have_no_order(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData):
        halves(source(tmp_path / "s", [1, 2, 1]), "year")

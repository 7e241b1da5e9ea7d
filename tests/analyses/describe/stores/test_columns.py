from pathlib import Path
from typing import Any

import pytest

from corpuscope.analyses.describe.described_store import described
from corpuscope.analyses.describe.stores.columns import ColumnDescription, columns_of
from tests.store.worlds import record, write


def column(path: Path, values: list[Any]) -> ColumnDescription:
    records = [record(f"d{row}", metadata={"c": value}) for row, value in enumerate(values)]
    (found,) = columns_of(described(write(path, records)))
    return found


@pytest.mark.parametrize(
    ("values", "kinds", "counts", "n_missing"),
    [
        (["b", "a", "b", None], ("text",), {"a": 1, "b": 2}, 1),
        ([10, 9, 9], ("int",), {"9": 2, "10": 1}, 0),
        ([0.5, float("nan"), 2.0], ("float",), {"0.5": 1, "2.0": 1}, 1),
        ([True, False, True], ("bool",), {"False": 1, "True": 2}, 0),
        ([1, "1", "x"], ("text", "int"), {"1": 2, "x": 1}, 0),
        ([2**70, 3], ("int", "bigint"), {"3": 1, str(2**70): 1}, 0),
    ],
)
def test_values_are_counted_as_groups_are_named(
    tmp_path: Path, values: list[Any], kinds: tuple[str, ...], counts: dict[str, int],
    n_missing: int,
) -> None:  # fmt: skip
    found = column(tmp_path / "s", values)
    assert found.kinds == kinds
    assert dict(found.values) == counts
    assert list(found.values) == list(counts)
    assert found.n_missing == n_missing
    assert (found.numbers is not None) == bool({"int", "float"} & set(kinds))


def test_of_many_values_the_most_common_are_listed(tmp_path: Path) -> None:
    found = column(tmp_path / "s", [f"v{i}" for i in range(30)] + ["v7"] * 2)
    assert found.n_distinct == 30
    assert len(found.values) == 10
    assert next(iter(found.values.items())) == ("v7", 3)


def test_json_keeps_the_order_of_values(tmp_path: Path) -> None:
    found = column(tmp_path / "s", [10, 9, 9]).to_json()
    assert [one["value"] for one in found["values"]] == ["9", "10"]
    assert found["numbers"]["counts"] == [2, 1]

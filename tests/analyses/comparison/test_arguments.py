"""Groups come from a column, from values given, or from the stores."""

from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.comparison.arguments import document_mask, group_values, name_of
from corpuscope.errors import ColumnNotFound, InputError
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Of three documents in one store and two in another."""
    folder = tmp_path_factory.mktemp("arguments")
    made = [Made(["w"], metadata={"year": year}) for year in (2020, None, 2021, 2020, 2022)]
    return NamedStore([write(folder / "a", made[:3]), write(folder / "b", made[3:])])


def test_a_column_is_called_by_its_name() -> None:
    assert name_of("year") == "year"
    assert name_of(None) == "store"
    assert name_of([1, 2]) == name_of(np.array([1, 2])) == name_of(()) == "given"


def test_without_a_column_documents_are_of_their_stores(source: NamedStore) -> None:
    assert group_values(source, None).tolist() == ["a", "a", "a", "b", "b"]


def test_a_column_s_values_are_those_of_all_stores(source: NamedStore) -> None:
    assert group_values(source, "year").tolist() == [2020, None, 2021, 2020, 2022]
    with pytest.raises(ColumnNotFound, match="colour"):
        group_values(source, "colour")


@pytest.mark.parametrize(
    "given",
    [["x", None, 1, 2.5, "x"], ("x", None, 1, 2.5, "x"), [[1, 2], [3, 4], [5, 6], 7, None]],
)
def test_values_that_are_given_stay_as_they_are(source: NamedStore, given: Any) -> None:
    found = group_values(source, given)
    assert found.dtype == object
    assert found.shape == (5,)
    assert found.tolist() == list(given)


def test_an_array_may_be_given(source: NamedStore) -> None:
    assert group_values(source, np.arange(5)).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("n", [0, 4, 6])
def test_there_must_be_a_value_and_a_truth_for_each_document(source: NamedStore, n: int) -> None:
    for refused in (lambda: group_values(source, ["x"] * n), lambda: document_mask([True] * n, 5)):
        with pytest.raises(InputError) as raised:
            refused()
        assert f"{n} " in raised.value.found
        assert "5 " in raised.value.found


def test_all_take_part_unless_some_are_named() -> None:
    assert document_mask(None, 3).tolist() == [True] * 3
    assert document_mask([True, False, True], 3).tolist() == [True, False, True]
    assert document_mask(np.array([0, 1, 2]) > 0, 3).tolist() == [False, True, True]
    assert document_mask(None, 0).tolist() == document_mask([], 0).tolist() == []

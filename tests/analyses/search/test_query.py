"""What can be asked of a store, and what cannot, told with the name of what is wrong."""

from typing import Any

import pytest

from corpuscope.analyses.search.query import Request, allowed_rows, check_request
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.store.store import Store
from tests.store.worlds import record, write


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    records = [record(id, "some text") for id in ("apple", "pear", "plum", "grape", "melon")]
    return write(tmp_path_factory.mktemp("query") / "s", records, n_features=9)


@pytest.mark.parametrize(
    ("asked", "has_texts", "words"),
    [({"phrase": "joy", "like": ("a",)}, True, "joy"), ({"like": ("a", "b")}, True, "like a, b"),
     ({"weights": {1: 1.0}}, False, None), ({"phrase": "", "unlike": ("a",)}, False, None)],
)  # fmt: skip
def test_a_request_says_what_it_is_after(
    asked: dict[str, Any], has_texts: bool, words: str | None
) -> None:
    request = Request(**asked)
    assert request.has_texts == has_texts
    assert request.in_words() == words if words else request.in_words()


@pytest.mark.parametrize(
    "asked",
    [{"phrase": "joy"}, {"like": ("apple",)}, {"weights": {0: 1.0, 8: -0.5, 3: 0.0}},
     {"phrase": "joy", "using": ("words",), "n_features": 1, "temperature": 1e-9},
    ],
)  # fmt: skip
def test_what_can_be_asked_passes(store: Store, asked: dict[str, Any]) -> None:
    check_request(Request(**asked), store)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({}, "search"), ({"phrase": " "}, "phrase"), ({"unlike": ("apple",)}, "search"),
        ({"like": ("apple",), "unlike": ("apple", "pear")}, "apple"),
        ({"phrase": "joy", "using": ("taste",)}, "taste"),
        ({"phrase": "joy", "using": ()}, "using"),
        ({"phrase": "joy", "n_features": 0}, "n_features"),
        ({"phrase": "joy", "temperature": 0.0}, "temperature"),
        ({"phrase": "joy", "temperature": float("inf")}, "temperature"),
        ({"phrase": "joy", "temperature": float("nan")}, "temperature"),
        ({"weights": {9: 1.0}}, "9"), ({"weights": {-1: 1.0}}, "-1"),
        ({"weights": {True: 1.0}}, "True"), ({"weights": {2: float("inf")}}, "2"),
        ({"weights": {2: 1.0, 4: float("nan")}}, "4"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(store: Store, asked: dict[str, Any], name: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        check_request(Request(**asked), store)
    assert caught.value.expected
    assert caught.value.next_step


def test_among_is_a_truth_for_each_document(store: Store) -> None:
    assert allowed_rows(None, store) is None
    found = allowed_rows([1, 0, 0, 1, 0], store)
    assert found is not None
    assert found.tolist() == [True, False, False, True, False]
    for wrong, n in (([True] * 4, 4), ([True] * 6, 6), ([[True] * 5], 5)):
        with pytest.raises(InputError, match=f"{n} .*among"):
            allowed_rows(wrong, store)
    with pytest.raises(NotEnoughData, match="among"):
        allowed_rows([False] * 5, store)

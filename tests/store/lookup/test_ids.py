from pathlib import Path

import numpy as np
import pytest

from corpuscope.errors import InputError
from corpuscope.store.joined import JoinedStore
from corpuscope.store.lookup.ids import id_index, rows_of_ids
from corpuscope.store.store import Store, open_store
from tests.store.worlds import record, write

HOSTILE = ("a/b", "../x", "<script>", "'; --", "\u202eabc", "a\tb", "", "größe 雪")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    records = [record(id, "some text") for id in ("apple", "pear", "plum", "grape", "melon")]
    return write(tmp_path_factory.mktemp("ids") / "s", records, n_features=9)


def test_ids_are_rows_in_the_order_of_the_store(store: Store) -> None:
    assert rows_of_ids(store, ["plum", "apple", "plum"]).tolist() == [0, 2]
    assert rows_of_ids(store, []).tolist() == []


def test_an_id_that_is_there_twice_is_two_rows(store: Store) -> None:
    twice = JoinedStore([store, store]).as_one
    assert rows_of_ids(twice, ["pear"]).tolist() == [1, 6]


def test_ids_that_are_not_there_are_counted_and_like_ones_offered(store: Store) -> None:
    with pytest.raises(InputError, match="2") as caught:
        rows_of_ids(store, ["appel", "zzz", "pear"])
    assert "'appel'" in caught.value.found
    assert "'pear'" not in caught.value.found
    assert "'apple'" in caught.value.expected
    with pytest.raises(InputError) as caught:
        rows_of_ids(store, ["zzz"])
    # Nothing is like it: the first are told.
    assert "'apple', 'pear', 'plum'" in caught.value.expected


def test_ids_that_begin_with_what_was_given_are_offered_first(tmp_path: Path) -> None:
    store = write(tmp_path / "s", [record(id) for id in ("q012/v1", "q01/v1", "q101", "xq012")])
    with pytest.raises(InputError) as caught:
        rows_of_ids(store, ["q012"])
    assert caught.value.expected.endswith("such as 'q012/v1'")


def test_ids_of_any_characters_are_found(tmp_path: Path) -> None:
    store = write(tmp_path / "s", [record(id) for id in HOSTILE], size=3)
    for row, id in enumerate(HOSTILE):
        assert rows_of_ids(store, [id]).tolist() == [row]


def test_ids_with_one_hash_are_told_apart(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "corpuscope.store.lookup.ids.hashes_of", lambda ids: np.zeros(len(ids), dtype=np.uint64)
    )
    same = write(tmp_path / "s", [record(id) for id in ("apple", "pear", "plum")])
    assert rows_of_ids(same, ["pear"]).tolist() == [1]
    with pytest.raises(InputError, match="grape"):
        rows_of_ids(same, ["pear", "grape"])


def test_the_index_is_opened_once_and_kept_on_disk(tmp_path: Path) -> None:
    store = write(tmp_path / "s", [record(id) for id in ("b", "a")])
    assert id_index(store) is id_index(store)
    again = open_store(tmp_path / "s")
    assert id_index(again) is not id_index(store)
    assert id_index(again).rows.tolist() == id_index(store).rows.tolist()


def test_a_store_without_documents_has_no_ids(tmp_path: Path) -> None:
    empty = write(tmp_path / "s", [])
    with pytest.raises(InputError, match="'x'"):
        rows_of_ids(empty, ["x"])

import json
from pathlib import Path

import corpuscope as cs
from corpuscope.analyses.describe.describe_store import describe_store
from corpuscope.corpus.document import Skipped
from corpuscope.store.store import Store
from tests.analyses.describe.worlds import pairs_store
from tests.store.worlds import record, write


def test_columns_are_counted_by_hand(pairs: Store) -> None:
    found = describe_store(pairs)
    columns = {one.name: one for one in found.columns}
    assert list(columns) == ["pair", "version", "year", "note"]
    assert dict(columns["version"].values) == {"v1": 20, "v2": 20}
    assert (columns["pair"].n_distinct, columns["pair"].n_missing) == (20, 0)
    assert (columns["note"].n_distinct, columns["note"].n_missing) == (1, 26)
    years = columns["year"]
    assert (years.kinds, dict(years.values)) == (("int",), {str(2000 + i): 8 for i in range(5)})
    assert years.numbers is not None
    assert years.numbers.counts == (8, 8, 8, 8, 8)
    assert columns["version"].numbers is None


def test_features_are_summarised(pairs: Store) -> None:
    found = describe_store(pairs)
    assert dict(found.features.by_kind) == {"token": 12}
    assert found.features.n_present == 3
    assert found.features.n_each is not None
    # All have one feature, twenty a second, ten of these a third.
    assert found.features.n_each.counts == (20, 10, 10)
    assert (found.n_tokens, found.n_strengths, found.has_vectors) == (240, 75, True)


def test_it_says_how_it_was_made_and_what_was_left_out(tmp_path: Path) -> None:
    skipped = [Skipped("x", "empty text", "line 3"), Skipped("y", "empty text", "line 4")]
    store = write(tmp_path / "s", [record("a")], skipped=skipped)
    found = describe_store(store)
    assert (found.made.reader, found.made.dictionary) == ("tiny", "abc")
    assert (found.made.presence, dict(found.made.layers)) == (None, {})
    assert dict(found.skipped) == {"empty text": 2}
    assert found.first_skipped == tuple(skipped)


def test_json_keeps_the_keys_of_earlier_versions(pairs: Store) -> None:
    value = describe_store(pairs).to_json()
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert value["analysis"] == "info"
    assert value["columns"] == ["pair", "version", "year", "note"]
    assert set(value) >= {"n_features", "complete", "skipped", "provenance"}
    assert describe_store(pairs).to_frame()["column"].tolist() == value["columns"]


def test_an_empty_store_and_one_without_columns_can_be_described(tmp_path: Path) -> None:
    empty = describe_store(write(tmp_path / "a", []))
    assert (empty.n_documents, empty.lengths, empty.columns) == (0, None, ())
    json.dumps(empty.to_json(), allow_nan=False)
    bare = describe_store(write(tmp_path / "b", [record("a")]))
    assert [one.question for one in bare.proposals] == ["correlate"]


def test_columns_of_several_stores_are_those_of_all(pairs: Store, tmp_path: Path) -> None:
    other = write(tmp_path / "s", [record("a", metadata={"version": "v3"})])
    assert describe_store(pairs).n_documents == 40
    (column,) = cs.describe_store([pairs_store(tmp_path / "t"), other]).columns
    assert dict(column.values) == {"v1": 20, "v2": 20, "v3": 1}

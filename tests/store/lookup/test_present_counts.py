from pathlib import Path

import pytest

from corpuscope.store.joined import JoinedStore
from corpuscope.store.lookup import present_counts
from corpuscope.store.lookup.present_counts import present_counts_of
from corpuscope.store.store import open_store
from tests.store.worlds import feature_table, random_records, write


@pytest.mark.parametrize("at_once", [7, 1 << 22])
def test_counts_are_those_of_the_presence_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(present_counts, "_ENTRIES_AT_ONCE", at_once)
    store = write(tmp_path / "s", random_records(50))
    presence = store.presence()
    found = present_counts_of(store)
    assert found.of_features.tolist() == presence.sum(axis=0).tolist()
    assert found.of_documents.tolist() == presence.sum(axis=1).tolist()
    assert present_counts_of(open_store(store.path)).of_features.tolist() == (
        found.of_features.tolist()
    )
    twice = present_counts_of(JoinedStore([store, store]).as_one)
    assert twice.of_features.tolist() == (2 * found.of_features).tolist()


def test_an_empty_store_has_no_counts(tmp_path: Path) -> None:
    found = present_counts_of(write(tmp_path / "s", [], features=feature_table(40)))
    assert (found.of_features.tolist(), found.of_documents.tolist()) == ([0] * 40, [])

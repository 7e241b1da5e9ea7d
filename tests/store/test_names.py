"""Names that were given to a store stand in place of the dictionary's, and change nothing else."""

import json
from pathlib import Path

import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.names import GivenName, names_path, read_names, save_names
from corpuscope.store.store import open_store
from tests.store.worlds import record, write

NAME = GivenName(1, "firm assent", "llm: tiny", 0.75, "It agrees firmly.")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write(tmp_path / "s.scope", [record("a", strengths={1: (2.0, 0)})]).path


def test_a_given_name_is_shown_with_its_source_and_score(store: Path) -> None:
    digest = open_store(store).digest
    save_names(store, [NAME])
    named = NamedStore(open_store(store))
    assert named.label(1) == "firm assent"
    assert named.label_source(1) == "llm: tiny"
    assert named.score(1) == 0.75
    assert not named.is_named_from_words(1)
    assert named.label(0) == "feature 0"
    assert named.stores[0].digest == digest
    named.stores[0].verify()


def test_names_are_added_one_by_one_and_replaced(store: Path) -> None:
    save_names(store, [NAME])
    every = save_names(store, [GivenName(0, "other", "people"), GivenName(1, "assent", "people")])
    assert {one.label for one in every.values()} == {"other", "assent"}
    assert read_names(store) == every


def test_no_file_is_no_names(store: Path) -> None:
    assert read_names(store) == {}


def test_names_of_features_that_are_not_there_are_ignored(store: Path) -> None:
    before = open_store(store).features
    save_names(store, [GivenName(999, "nothing", "people")])
    assert open_store(store).features.equals(before)


@pytest.mark.parametrize(
    "content",
    ["no json", "{}", json.dumps({"format": "corpuscope names", "version": 9, "names": []}),
     json.dumps({"format": "corpuscope names", "version": 1, "names": [{"feature": 1}]})],
)  # fmt: skip
def test_a_file_that_is_none_is_told(store: Path, content: str) -> None:
    names_path(store).write_text(content, "utf-8")
    with pytest.raises(StoreDamaged, match=r"no file of names"):
        read_names(store)

"""Features are called by names that can be names of these texts, and else by their number."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from corpuscope.labels.meanings import Meanings
from corpuscope.labels.named_store import UNNAMED, NamedStore, unnamed
from corpuscope.store.store import Store
from tests.store.worlds import feature_table, record, write

LABELS = ["ships", '"tide"', '"zebra"', None, "  ", '"tide", "moon"', '"tide", "zebra"', "harbour"]
SOURCES = ["people", "words", "words", "words", "people", "words", "words", None]


def store_of(path: Path, **columns: object) -> Store:
    table = feature_table(8, n_sentence=1).drop_columns(["label"])
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    records = [record("a", "the tide and a moon"), record("b", "two ships")]
    return write(path, records, n_features=8, features=table)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    path = tmp_path_factory.mktemp("named") / "s"
    scores = [0.5, 0.25, 0.75, None, None, 1.0, 0.125, None]
    return NamedStore(store_of(path, label=LABELS, label_source=SOURCES, score=scores))


@pytest.mark.parametrize(
    ("feature", "label", "label_source", "own"),
    [
        (0, "ships", "people", "ships"),
        (1, '"tide"', "dictionary", '"tide"'),
        # No text has a zebra.
        (2, "feature 2", UNNAMED, '"zebra"'),
        (3, "feature 3", UNNAMED, "feature 3"),
        (4, "feature 4", UNNAMED, "feature 4"),
        (5, '"tide", "moon"', "dictionary", '"tide", "moon"'),
        (6, "feature 6", UNNAMED, '"tide", "zebra"'),
        # What people say is a name, wherever it is from.
        (7, "harbour", "unknown", "harbour"),
    ],
)
def test_a_name_from_words_needs_texts_that_have_all_of_them(
    source: NamedStore, feature: int, label: str, label_source: str, own: str
) -> None:
    assert source.label(feature) == label
    assert source.label_source(feature) == label_source
    assert source.own_label(feature) == own


def test_scores_are_of_names_that_are_shown(source: NamedStore) -> None:
    assert source.score(1) == 0.25
    assert np.isnan(source.score(2))
    assert np.isnan(source.score(7))
    assert source.scores[:3].tolist() == [0.5, 0.25, 0.75]
    assert source.scores.dtype == np.float64


def test_names_from_words_and_missing_ones_may_be_made_anew(source: NamedStore) -> None:
    made = [feature for feature in range(8) if source.is_named_from_words(feature)]
    assert made == [1, 2, 3, 4, 5, 6]


def test_a_store_without_names_has_numbers(tmp_path: Path) -> None:
    bare = NamedStore(store_of(tmp_path / "s"))
    assert bare.label(5) == bare.own_label(5) == unnamed(5) == "feature 5"
    assert bare.label_source(5) == UNNAMED
    assert np.isnan(bare.scores).all()
    assert bare.is_named_from_words(5)


def test_of_several_stores_one_that_has_the_word_is_enough(
    tmp_path: Path, source: NamedStore
) -> None:
    table = source.stores[0].features
    records = [record("c", "a zebra")]
    both = NamedStore([source.stores[0], write(tmp_path / "s", records, n_features=8,
                                               features=pa.Table.from_pandas(table))])  # fmt: skip
    assert both.label(2) == '"zebra"'
    assert both.label(6) == '"tide", "zebra"'


def test_meanings_are_of_all_stores_as_one(
    source: NamedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = np.zeros((8, 2), dtype=np.float32)
    known = {source.as_one: Meanings(nothing, nothing, nothing)}
    monkeypatch.setattr("corpuscope.labels.named_store.meanings", known.__getitem__)
    assert NamedStore(source.stores).meanings is known[source.as_one]

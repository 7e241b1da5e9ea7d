from pathlib import Path

import pytest

from corpuscope.errors import FeatureMismatch
from corpuscope.labels.foreign.attach import attach_labels, merged_labels, target_of_store
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.names import GivenName, save_names
from corpuscope.store.store import Store, open_store
from tests.analyses.worlds import Made, write


def made(path: Path) -> Store:
    documents = [Made(["a", "word"], {0, 1, 2, 3}) for _ in range(3)]
    labels = {0: '"word"', 1: '"word"'}
    return write(path / "s.scope", documents, labels=labels, label_source="words", n_features=6)


def labels_of(source: str, **by_feature: str) -> ForeignLabels:
    features = [int(name[1:]) for name in by_feature]
    table = label_table(features, list(by_feature.values()), {"source": source})
    return ForeignLabels("table", table, LabelOrigin("the source's", None))


def shown(store: Store) -> dict[int, tuple[str, str]]:
    source = NamedStore(open_store(store.path))
    return {f: (source.label(f), source.label_source(f)) for f in range(4)}


def test_labels_are_shown_with_their_source_and_the_others_stay(tmp_path: Path) -> None:
    store = made(tmp_path)
    before = store.digest
    found = attach_labels(store, labels_of("neuronpedia", f1="polite thanks", f2="a question"))
    assert shown(store) == {
        0: ('"word"', "dictionary"), 1: ("polite thanks", "neuronpedia"),
        2: ("a question", "neuronpedia"), 3: ("feature 3", "number"),
    }  # fmt: skip
    assert open_store(store.path).digest == before
    assert found.to_json()["n_shown"] == 2
    assert found.to_json()["sources"] == {"neuronpedia": 2}
    open_store(store.path).verify()


def test_the_same_source_replaces_its_labels_and_others_are_kept(tmp_path: Path) -> None:
    store = made(tmp_path)
    attach_labels(store, labels_of("mine.csv", f1="mine", f3="only mine"))
    attach_labels(store, labels_of("neuronpedia", f1="old"))
    found = attach_labels(store, labels_of("neuronpedia", f1="new", f2="a question"))
    assert sorted(found.labels["label"]) == ["a question", "mine", "new", "only mine"]
    assert [shown(store)[f][0] for f in (1, 2, 3)] == ["mine", "a question", "only mine"]
    assert found.shown["feature"].is_unique


def test_names_given_on_these_texts_come_first(tmp_path: Path) -> None:
    store = made(tmp_path)
    attach_labels(store, labels_of("neuronpedia", f1="of others"))
    save_names(store.path, [GivenName(1, "by reading", "llm: m", 0.8)])
    assert shown(store)[1] == ("by reading", "llm: m")


def test_labels_of_another_dictionary_leave_the_store_as_it_was(tmp_path: Path) -> None:
    store = made(tmp_path)
    with pytest.raises(FeatureMismatch, match="feature 99"):
        attach_labels(store, labels_of("s", f1="kept out", f99="beyond"))
    assert shown(store)[1] == ('"word"', "dictionary")


def test_what_was_withheld_or_skipped_is_told(tmp_path: Path) -> None:
    table = label_table(
        [1, 2], ["a label", None], {"source": "goodfire", "status": ["ok", "withheld"]}
    )
    labels = ForeignLabels("goodfire", table, LabelOrigin(), {"files without a byte": 3})
    told = attach_labels(made(tmp_path), labels).warnings
    assert told[0] == "3 files without a byte"
    assert "labels of 1 features were withheld" in told[1]


def test_merging_with_nothing_shows_the_best() -> None:
    table = label_table([1, 1], ["a", "b"], {"source": "s", "score": [0.1, 0.2]})
    assert merged_labels(None, table)["is_shown"].tolist() == [False, True]


def test_a_store_says_which_dictionary_read_it(tmp_path: Path, demo_store: Path) -> None:
    found = target_of_store(open_store(demo_store))
    assert found.model == "sentence-transformers/all-MiniLM-L6-v2"
    assert found.n_features == 16_384
    assert found.layers
    bare = target_of_store(made(tmp_path))
    assert (bare.model, bare.layers, bare.n_features) == (None, (), 6)

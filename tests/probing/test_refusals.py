"""What cannot be asked is told: what was found, what was expected, and what to do."""

from pathlib import Path
from typing import Any

import pytest

import corpuscope as cs
from corpuscope.errors import (
    ColumnNotFound,
    FeatureMismatch,
    GroupNotFound,
    InputError,
    NotEnoughData,
)
from corpuscope.probing.probe_names import parsed, specs_of
from corpuscope.store.store import Store
from tests.probing.worlds import asked, rows, store_of
from tests.sae.worlds import random_dictionary

WORDS = {"probes": ["words"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refused")


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    texts = rows(40)
    for i, row in enumerate(texts):
        row |= {"one": "same", "rare": "rare" if i < 3 else "usual", "id": str(i)}
        row |= {"part": row["label"] if i >= 10 else None, "side": row["label"], "many": f"v{i} "}
        row |= {"nothing": None}
    texts[0]["nothing"] = "x"
    return store_of(folder, "s", [*texts, *(row | {"id": f"{row['id']}'"} for row in texts)])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"label": "one"}, NotEnoughData, "holds only 'same'"),
        ({"label": "nothing"}, NotEnoughData, "holds only 'x'"),
        ({"label": "unknown"}, ColumnNotFound, "'number', 'g', 'one', 'rare'"),
        ({"group": "unknown"}, ColumnNotFound, "unknown"),
        ({"label": "rare"}, NotEnoughData, "'rare' has 6 documents in 3 groups"),
        ({"group": "side"}, NotEnoughData, "in 1 groups .*the column 'side'"),
        ({"folds": 30}, NotEnoughData, "at least 31 groups"),
        ({"target": "maybe"}, GroupNotFound, "the target 'maybe'"),
        ({"without": [36]}, InputError, r"\[36\] among the features"),
        ({"without": [-1]}, InputError, "0 to 35"),
        ({"test": 1.0}, InputError, "test is 1.0"),
        ({"folds": 1}, InputError, "folds is 1"),
        ({"probes": ["vibes"]}, InputError, "the probe 'vibes'"),
        ({"probes": []}, InputError, "at least one probe"),
        ({"probes": ["words", "words"]}, InputError, "without repetition"),
    ],
)
def test_what_cannot_be_asked(
    options: dict[str, Any], error: type[Exception], message: str, store: Store
) -> None:
    with pytest.raises(error, match=message):
        asked(store, **(WORDS | options))


def test_documents_without_a_label_are_left_out_and_counted(store: Store) -> None:
    found = asked(store, label="part", **WORDS)
    assert found.n_documents == 60
    assert any("20 of 80 documents of s.scope have no label" in one for one in found.warnings)


def test_an_unseen_corpus_of_another_dictionary_is_refused(folder: Path, store: Store) -> None:
    other = store_of(folder, "other", rows(20), dictionary=random_dictionary(seed=3))
    with pytest.raises(FeatureMismatch, match="'other' was read with dictionary"):
        asked(store, unseen=[other], **WORDS)


def test_an_unseen_corpus_without_such_labels_is_refused(folder: Path, store: Store) -> None:
    other = store_of(folder, "unlike", [row | {"label": "maybe"} for row in rows(20, seed=2)])
    with pytest.raises(NotEnoughData, match="no document of the unseen corpus 'unlike'"):
        asked(store, unseen=[other], **WORDS)
    bare = store_of(folder, "bare", [{"text": row["text"]} for row in rows(20, seed=2)])
    with pytest.raises(ColumnNotFound):
        asked(store, unseen=[bare], **WORDS)


def test_labels_that_were_not_learned_are_counted(folder: Path, store: Store) -> None:
    texts = rows(20, seed=2)
    texts[0]["label"] = "maybe"
    found = asked(store, unseen=[store_of(folder, "mixed", texts)], **WORDS)
    assert found.probes[0].on("mixed").n == 19
    assert any("1 documents of mixed have labels unseen in training" in w for w in found.warnings)


def test_two_unseen_corpora_of_one_name_are_refused(store: Store) -> None:
    with pytest.raises(InputError, match="a distinct name"):
        asked(store, unseen=[store, store], **WORDS)
    with pytest.raises(InputError, match="other than train and test"):
        asked(store, unseen={"test": store}, **WORDS)


def test_striking_out_what_no_probe_looks_at_is_told(store: Store) -> None:
    before = asked(store, probes=["sae token max k=1"])
    other = next(i for i in range(24) if i != before.probes[0].features[0].feature)
    found = asked(store, probes=["sae token max k=1"], without=[other])
    assert len(found) == 1
    assert any("no probe uses" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    "name",
    ["", "dense", "dense word mean", "dense token median", "dense sentence attention",
     "sae token max", "sae token max k=0", "sae token max k=2 l2", "sae token attention k=2",
     "dense token position=x", "reconstruction token mean all", "words k=2"],
)  # fmt: skip
def test_names_of_no_probe(name: str) -> None:
    with pytest.raises(InputError):
        parsed(name)


def test_probes_of_units_that_the_dictionary_has_not() -> None:
    assert all(one.unit != "sentence" for one in specs_of(None, ["token"]))
    with pytest.raises(InputError, match="a dictionary of token features"):
        specs_of(["dense sentence mean"], ["token"])


def test_no_such_probe_or_corpus_in_the_answer(store: Store) -> None:
    found: cs.ProbeResult = asked(store, **WORDS)
    with pytest.raises(InputError, match="one of \\['words'\\]"):
        found.named("length")
    with pytest.raises(InputError, match="one of \\['train', 'test'\\]"):
        found.probes[0].on("elsewhere")

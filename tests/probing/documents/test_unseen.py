"""Unseen corpora: their names, their labels, and what training has seen of them already."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.errors import FeatureMismatch, InputError, NotEnoughData
from corpuscope.probing.documents.labelled_documents import (
    LabelledDocuments,
    SplitSettings,
    labelled_documents,
)
from corpuscope.probing.documents.targets import Target
from corpuscope.probing.documents.unseen import Unseen, named_unseen, unseen_documents
from corpuscope.store.store import Store
from tests.analyses.worlds import Made
from tests.analyses.worlds import write as write_made
from tests.probing.worlds import rows
from tests.store.worlds import record, write

AIM = Target("classes", ("no", "yes"))


def made(path: Path, texts: Sequence[dict[str, Any]]) -> Store:
    """A store of these texts, without features."""
    records = [
        record(f"d{i}", row["text"], metadata={k: v for k, v in row.items() if k != "text"})
        for i, row in enumerate(texts)
    ]
    return write(path, records, size=50)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unseen")


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    return made(folder / "known.scope", rows(40))


@pytest.fixture(scope="module")
def documents(store: Store) -> LabelledDocuments:
    labels = AIM.labels(store.column("label").tolist(), where="known")
    return labelled_documents(store, AIM, labels, SplitSettings(None, 0.25, 3, 0))


def seen(
    one: Unseen, documents: LabelledDocuments, *, group: str | None = None
) -> tuple[Any, list[str]]:
    return unseen_documents(
        one, name="far", label="label", group=group, aim=AIM, documents=documents
    )


def test_names_are_those_given_or_those_of_the_folders(store: Store, folder: Path) -> None:
    other = made(folder / "größe.v2.scope", rows(3, seed=8))
    wrapped = Unseen(other, all="yes")
    for given, expected in (
        ((), {}),
        ([store, wrapped], {"known": store, "größe.v2": other}),
        ({"a": wrapped, "b": store}, {"a": other, "b": store}),
    ):
        found = named_unseen(given, store)  # type: ignore[arg-type]
        assert {name: one.store for name, one in found.items()} == expected
        assert list(found) == list(expected)
    assert named_unseen([wrapped], store)["größe.v2"] is wrapped
    bare = named_unseen([other], store)["größe.v2"]
    assert (bare.label, bare.all) == (None, None)


@pytest.mark.parametrize("name", ["train", "test"])
def test_names_of_the_two_sets_are_reserved(name: str, store: Store) -> None:
    with pytest.raises(InputError) as caught:
        named_unseen({"other": store, name: store}, store)
    assert caught.value.found == f"unseen corpora named ['other', {name!r}]"
    assert "mapping from names" in caught.value.next_step


def test_two_folders_of_one_name_need_names(store: Store) -> None:
    with pytest.raises(InputError, match="a distinct name for each"):
        named_unseen([store, Unseen(store, all="yes")], store)
    assert list(named_unseen({"a": store, "b": store}, store)) == ["a", "b"]


def test_a_store_of_another_dictionary_is_named_with_both_digests(tmp_path: Path) -> None:
    one, other = (
        write_made(tmp_path / f"{name}.scope", [Made(["a", "b"])], dictionary=name * 9)
        for name in ("left", "right")
    )
    assert list(named_unseen([one], one)) == ["left"]
    with pytest.raises(FeatureMismatch) as caught:
        named_unseen({"fine": one, "odd": other}, one)
    assert "'odd' was read with dictionary rightrightri, " in caught.value.found
    assert caught.value.found.endswith("left.scope with leftleftleft")


def test_labels_and_targets_stay_with_the_documents(
    folder: Path, documents: LabelledDocuments
) -> None:
    texts = rows(30, seed=5)
    for i in (3, 11):
        texts[i]["label"] = None
    texts[4]["label"] = "maybe"
    one = made(folder / "labels.scope", texts)
    found, remarks = seen(Unseen(one), documents)
    assert (found.corpus, found.role) == ("far", "unseen")
    assert found.rows.tolist() == [i for i in range(30) if i not in (3, 4, 11)]
    expected = [[float(texts[i]["label"] == "yes")] for i in found.rows.tolist()]
    assert found.targets.tolist() == expected
    assert len(remarks) == 2
    assert remarks[0].startswith("2 of 30 documents of far")
    assert "'maybe'" in remarks[1]


def test_copies_of_training_and_test_documents_are_left_out(
    store: Store, folder: Path, documents: LabelledDocuments
) -> None:
    test_row = int(np.flatnonzero(documents.is_test)[0])
    train_row = int(documents.train[0])
    texts = rows(20, seed=6)
    for at, row in ((2, test_row), (7, train_row)):
        texts[at]["text"] = store.texts([row])[0]
    found, remarks = seen(Unseen(made(folder / "copies.scope", texts)), documents)
    rest = [i for i in range(20) if i not in (2, 7)]
    assert found.rows.tolist() == rest
    assert found.targets.tolist() == [[float(texts[i]["label"] == "yes")] for i in rest]
    assert remarks == [
        "2 documents of far are near-duplicates of training or test documents; left out"
    ]


def test_documents_of_one_key_or_text_are_one_group(
    folder: Path, documents: LabelledDocuments
) -> None:
    texts = rows(12, seed=7)
    for i, key in enumerate("aabb-ccdd-ee"):
        texts[i]["key"] = None if key == "-" else key
    texts[11]["text"] = texts[0]["text"]
    one = Unseen(made(folder / "keys.scope", texts))
    plain, _ = seen(one, documents)
    by_key, _ = seen(one, documents, group="key")
    elsewhere, _ = seen(one, documents, group="no such column")
    assert len(set(plain.groups.tolist())) == 11
    assert plain.groups[0] == plain.groups[11]
    # Five keys, of which the first and the last are joined by a text; two have none.
    assert len(set(by_key.groups.tolist())) == 4 + 2
    assert elsewhere.groups.tolist() == plain.groups.tolist()


def test_another_column_or_one_class_for_all(folder: Path, documents: LabelledDocuments) -> None:
    texts = [{"text": row["text"], "verdict": row["label"]} for row in rows(15, seed=8)]
    one = made(folder / "verdicts.scope", texts)
    found, _ = seen(Unseen(one, label="verdict"), documents)
    assert found.targets[:, 0].tolist() == [float(row["verdict"] == "yes") for row in texts]
    for name, value in (("no", 0.0), ("yes", 1.0)):
        every, _ = seen(Unseen(one, label="verdict", all=name), documents)
        assert every.targets.tolist() == [[value]] * 15


def test_nothing_left_is_refused_with_the_classes_or_numbers_wanted(
    store: Store, documents: LabelledDocuments
) -> None:
    with pytest.raises(NotEnoughData) as caught:
        seen(Unseen(store), documents)
    assert "'far'" in caught.value.found
    assert caught.value.expected == "labels among ['no', 'yes']"
    with pytest.raises(NotEnoughData) as other:
        unseen_documents(
            Unseen(store), name="far", label="number", group=None, aim=Target("number"),
            documents=documents,
        )  # fmt: skip
    assert other.value.expected == "numbers"

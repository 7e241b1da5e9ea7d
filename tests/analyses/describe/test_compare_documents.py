import json
from pathlib import Path

import pytest

from corpuscope.analyses.describe.compare_documents import compare_documents
from corpuscope.errors import InputError
from corpuscope.store.store import Store
from tests.analyses.describe.worlds import BESIDE, EVERYWHERE, NEW, NOWHERE, id_of, text_of
from tests.store.worlds import record, write


def test_what_only_one_has_is_told_with_its_place_in_both(pairs: Store) -> None:
    found = compare_documents(pairs, id_of(5), id_of(4), rename=False)
    assert (found.left.text, found.right.text) == (text_of(5), text_of(4))
    assert [(one.feature, one.layer, one.present_in) for one in found.features] == [
        (BESIDE, "only one", "left"),
        (NEW, "only one", "left"),
    ]
    beside, new = found.features
    assert beside.right is None
    assert beside.left is not None
    assert [text_of(5)[slice(*span)] for span in beside.left.spans] == ["costs"]
    # In the other document it is a near miss, at another word.
    assert new.right is not None
    assert (new.right.is_present, new.right.over_threshold) == (False, 0.625)
    assert [text_of(4)[slice(*span)] for span in new.right.spans] == ["item"]


def test_sides_change_places(pairs: Store) -> None:
    one = compare_documents(pairs, id_of(5), id_of(4), rename=False)
    other = compare_documents(pairs, id_of(4), id_of(5), rename=False)
    assert one.left == other.right
    assert [f.left for f in one.features] == [f.right for f in other.features]
    assert len(one.only("left")) == len(other.only("right")) == 2


def test_findings_come_first_in_layers_and_each_feature_once(pairs: Store) -> None:
    findings = [[EVERYWHERE, NOWHERE], [NEW, "of course", EVERYWHERE], ["money"]]
    found = compare_documents(pairs, id_of(5), id_of(4), findings=findings, finding=1, rename=False)
    assert [(one.feature, one.layer, one.finding, one.present_in) for one in found.features] == [
        (NEW, "finding", 1, "left"),
        ("of course", "finding", 1, "left"),
        (EVERYWHERE, "finding", 1, "both"),
        ("money", "other finding", 2, "both"),
        (BESIDE, "only one", None, "left"),
    ]


def test_words_have_all_their_places(tmp_path: Path) -> None:
    store = write(tmp_path / "s", [record("a", "so it is, so there"), record("b", "it is not")])
    (so,) = compare_documents(store, "a", "b", findings=[["so"]], rename=False).features
    assert so.left is not None
    assert (so.left.spans, so.left.strength, so.right) == (((0, 2), (10, 12)), 2.0, None)


def test_a_document_beside_itself_does_not_differ(pairs: Store) -> None:
    assert compare_documents(pairs, id_of(5), id_of(5), rename=False).features == ()


def test_bad_input_is_refused(pairs: Store) -> None:
    with pytest.raises(InputError, match="p99"):
        compare_documents(pairs, id_of(5), "p99/v1")
    with pytest.raises(InputError, match="99"):
        compare_documents(pairs, id_of(5), id_of(4), findings=[[99]])
    with pytest.raises(InputError, match="finding is 1"):
        compare_documents(pairs, id_of(5), id_of(4), findings=[[NEW]], finding=1)
    with pytest.raises(InputError, match="window"):
        compare_documents(pairs, id_of(5), id_of(4), window=0)


def test_json_and_table_have_all_features(pairs: Store) -> None:
    found = compare_documents(pairs, id_of(5), id_of(4), findings=[["of course"]])
    value = found.to_json()
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert (value["n_only_left"], value["n_only_right"]) == (3, 0)
    table = found.to_frame()
    assert table["feature"].tolist() == ["of course", BESIDE, NEW]
    assert table["left_is_present"].tolist() == [True, True, True]

"""What may not be written is refused before it is."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpuscope.durable import TEMPORARY_SUFFIX
from corpuscope.errors import CorpusChanged, FeatureMismatch, InputError
from corpuscope.store.checks import (
    check_features,
    check_folder,
    check_provenance,
    check_records,
)
from corpuscope.store.manifest import manifest_path
from corpuscope.store.shards import DocumentRecord
from tests.store.worlds import feature_table, record

THERE = {"corpus": {"name": "a", "languages": {"en": 1.0}}, "reader": {"layer": 3}, "floor": 0.5}


def test_a_table_of_all_features_in_order_is_taken() -> None:
    check_features(feature_table(5, n_sentence=2))
    check_features(feature_table(0))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"feature": [0, 1]}, "kind"),
        ({"kind": ["token"]}, "feature"),
        ({"feature": [1, 0], "kind": ["token"] * 2}, "row i"),
        ({"feature": [1, 2], "kind": ["token"] * 2}, "row i"),
        ({"feature": [0, 1], "kind": ["token", "word"]}, "word"),
    ],
)
def test_a_table_that_describes_other_features_is_refused(
    columns: dict[str, list[Any]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        check_features(pa.table(columns))


@pytest.mark.parametrize(
    "there",
    [[], ["documents", "strengths", "cache", "features.parquet"], [f".a{TEMPORARY_SUFFIX}"],
     ["manifest.json"], ["manifest.json", "notes.txt"]],
)  # fmt: skip
def test_a_store_may_be_put_where_nothing_of_others_lies(tmp_path: Path, there: list[str]) -> None:
    for name in there:
        (tmp_path / name).touch()
    assert manifest_path(tmp_path).name == "manifest.json"
    check_folder(tmp_path)
    check_folder(tmp_path / "new")


@pytest.mark.parametrize("stranger", ["notes.txt", "documents.bak", ".hidden", "a.tmp.txt"])
def test_what_others_put_there_is_named(tmp_path: Path, stranger: str) -> None:
    (tmp_path / stranger).touch()
    (tmp_path / "documents").mkdir()
    with pytest.raises(InputError) as refused:
        check_folder(tmp_path)
    assert stranger in refused.value.found
    assert "'documents'" not in refused.value.found
    with pytest.raises(InputError):
        check_folder(tmp_path / stranger)


@pytest.mark.parametrize(
    "given",
    [
        THERE,
        THERE | {"corpus": {"name": "a", "languages": {"de": 1.0}}},
        THERE | {"corpus": {"name": "a"}},
        {key: THERE[key] for key in reversed(THERE)},
    ],
)
def test_the_same_settings_let_a_run_go_on(given: dict[str, Any]) -> None:
    check_provenance(Path("a.scope"), THERE, given)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (THERE | {"corpus": {"name": "b"}}, CorpusChanged, "corpus.name='b'"),
        (THERE | {"floor": 0.25}, FeatureMismatch, "floor=0.25"),
        (THERE | {"reader": {"layer": 4}}, FeatureMismatch, "reader.layer=4"),
        (THERE | {"reader": {}}, FeatureMismatch, "no reader.layer"),
        (THERE | {"more": 1}, FeatureMismatch, "no more"),
        (THERE | {"corpus": {"name": "b"}, "floor": 0.25}, FeatureMismatch, "floor=0.25"),
        (THERE | {"corpus_of": "b"}, FeatureMismatch, "corpus_of"),
    ],
)
def test_what_differs_is_named_with_both_values(
    given: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as refused:
        check_provenance(Path("a.scope"), THERE, given)
    assert "a.scope" in str(refused.value)
    assert says in str(refused.value)


def test_of_many_differences_the_first_are_named_and_the_others_counted() -> None:
    with pytest.raises(FeatureMismatch) as refused:
        check_provenance(Path("a"), {f"k{i:02}": 0 for i in range(11)}, {})
    assert "k07" in refused.value.found
    assert "k08" not in refused.value.found
    assert "3 more" in refused.value.found


def changed(**parts: Any) -> DocumentRecord:
    """A record of three tokens and one sentence, of which some parts are others.

    They are put in place past the checks of types, which only tests have.
    """
    made = record("odd", strengths={2: (1.0, 0), 5: (2.0, 2)})
    for name, value in parts.items():
        object.__setattr__(made, name, value)
    return made


def test_good_records_pass() -> None:
    check_records([], n_features=0)
    check_records([record("d"), changed()], n_features=6)
    check_records([changed(vector=np.zeros(3, np.float16))], n_features=6)
    # A peak may be of either kind of unit, of which the larger number counts.
    check_records([changed(token_spans=np.zeros((3, 2), np.uint32))], n_features=6)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"peaks": np.array([0], np.uint32)}, "length"),
        ({"features": np.array([2], np.int32)}, "length"),
        ({"features": np.array([2, 6], np.int32)}, "0 to 5"),
        ({"features": np.array([-1, 5], np.int32)}, "0 to 5"),
        ({"features": np.array([5, 2], np.int32)}, "ascend"),
        ({"features": np.array([5, 5], np.int32)}, "ascend"),
        ({"strengths": np.array([0, 1], np.float16)}, "zero"),
        ({"strengths": np.array([1, -1], np.float16)}, "zero"),
        ({"strengths": np.array([1, np.inf], np.float16)}, "finite"),
        ({"strengths": np.array([1, np.nan], np.float16)}, "finite"),
        ({"strengths": np.array([1, 1], np.float32)}, "float16"),
        ({"peaks": np.array([0, 3], np.uint32)}, "3 units"),
        ({"vector": np.zeros(3, np.float32)}, "vector"),
        ({"vector": np.zeros((1, 3), np.float16)}, "vector"),
        ({"vector": np.array([0, np.nan], np.float16)}, "vector"),
    ],
)
def test_each_fault_of_a_record_is_named_with_its_document(
    parts: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        check_records([record("fine"), changed(**parts)], n_features=6)
    assert "'odd'" in str(refused.value)

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from corpuscope.errors import DictionaryError, FeatureMismatch
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.formats import load_dictionary
from corpuscope.store.attached import read_attached
from corpuscope.training.label import with_labels
from corpuscope.training.label_from import attach_to_dictionary, target_of_dictionary
from tests.sae.worlds import random_dictionary


def labels_of(*features: int, origin: LabelOrigin | None = None) -> ForeignLabels:
    about = {"source": "neuronpedia"}
    table = label_table(list(features), [f"label of {f}" for f in features], about)
    return ForeignLabels("table", table, origin or LabelOrigin())


def saved(folder: Path, **given: tuple[int, str]) -> Path:
    """A dictionary with a label from each of these sources, saved."""
    rows = [
        {"feature": f, "label": label, "label_source": source, "score": 0.5}
        for source, (f, label) in given.items()
    ]
    dictionary = random_dictionary()
    if rows:
        dictionary = with_labels(dictionary, pd.DataFrame(rows))
    save_dictionary(dictionary, folder / "d")
    return folder / "d"


def shown(folder: Path) -> dict[int, tuple[str, str]]:
    table = load_dictionary(folder).features.to_pandas()
    named = table[table["label_source"].notna()]
    return {f: (label, source) for f, label, source in
            zip(named["feature"], named["label"], named["label_source"], strict=True)}  # fmt: skip


def test_labels_are_put_into_the_dictionary_and_its_digest_stays(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    before = load_dictionary(folder).digest
    found = attach_to_dictionary(folder, labels_of(0, 30))
    assert shown(folder) == {
        0: ("label of 0", "neuronpedia"), 30: ("label of 30", "neuronpedia"),
    }  # fmt: skip
    assert load_dictionary(folder).digest == before
    assert found.n_features == 36
    assert found.to_json()["n_shown"] == 2


def test_labels_of_people_stay_and_those_from_words_are_kept_beside(tmp_path: Path) -> None:
    folder = saved(tmp_path, people=(0, "by hand"), words=(1, '"word"'))
    attach_to_dictionary(folder, labels_of(0, 1, 2))
    assert shown(folder)[0] == ("by hand", "people")
    assert shown(folder)[1] == ("label of 1", "neuronpedia")
    table = load_dictionary(folder).features.to_pandas()
    assert table.loc[0, "score"] == 0.5
    assert pd.isna(table.loc[1, "score"])
    kept = read_attached(folder)
    assert kept is not None
    assert set(kept.loc[~kept["is_shown"], "label"]) == {'"word"', "label of 0"}
    # Once more, and nothing is doubled.
    attach_to_dictionary(folder, labels_of(0, 1, 2))
    again = read_attached(folder)
    assert again is not None
    assert sorted(again["label"]) == sorted(kept["label"])


def test_another_format_or_the_built_in_one_is_labelled_in_a_new_folder(tmp_path: Path) -> None:
    with pytest.raises(DictionaryError, match="another format"):
        attach_to_dictionary("builtin", labels_of(5))
    attach_to_dictionary("builtin", labels_of(5), into=tmp_path / "new")
    assert shown(tmp_path / "new")[5] == ("label of 5", "neuronpedia")
    assert load_dictionary(tmp_path / "new").digest == load_dictionary().digest
    with pytest.raises(DictionaryError, match="already exists"):
        attach_to_dictionary("builtin", labels_of(5), into=tmp_path / "new")


def test_labels_of_another_dictionary_change_nothing(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    for labels in (labels_of(36), labels_of(0, origin=LabelOrigin(model="gemma-2-2b"))):
        with pytest.raises(FeatureMismatch):
            attach_to_dictionary(folder, labels)
    assert "label_source" not in load_dictionary(folder).features.column_names
    assert read_attached(folder) is None


def test_a_dictionary_may_name_its_source_at_neuronpedia() -> None:
    dictionary = replace(random_dictionary(), about={"neuronpedia": "m/3-res"})
    found = target_of_dictionary(dictionary, "d")
    assert (found.sae_id, found.model, found.layers) == ("m/3-res", "tiny/bert", (2, 3, 4))


def test_labels_without_a_source_give_way(tmp_path: Path) -> None:
    table = random_dictionary().features.to_pandas().drop(columns="label_source", errors="ignore")
    table.loc[3, "label"] = "from somewhere"
    features = pa.Table.from_pandas(table, preserve_index=False)
    save_dictionary(replace(random_dictionary(), features=features), tmp_path / "d")
    attach_to_dictionary(tmp_path / "d", labels_of(4))
    assert shown(tmp_path / "d") == {
        3: ("from somewhere", "unknown"), 4: ("label of 4", "neuronpedia"),
    }  # fmt: skip

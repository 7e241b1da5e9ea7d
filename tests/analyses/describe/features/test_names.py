from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from corpuscope.analyses.describe.described_store import DescribedStore, described
from corpuscope.analyses.describe.features.names import (
    feature_name,
    named_features,
    other_names,
    word_label,
)
from corpuscope.store.attached import save_attached
from corpuscope.store.names import GivenName, save_names
from corpuscope.store.store import open_store
from tests.labels.worlds import store_of
from tests.store.worlds import record, write


@pytest.fixture
def here(tmp_path: Path) -> DescribedStore:
    """Feature 0 has a name from words, one of others that is shown, and another of others."""
    table = pa.table(
        {
            "feature": [0, 1, 2],
            "kind": ["token"] * 3,
            "label": ['"one"', None, " "],
            "label_source": ["words", None, None],
            "score": [0.5, None, None],
            "score_low": [0.4, None, None],
            "threshold": pa.array([0.5] * 3, pa.float32()),
        }
    )
    store = write(tmp_path / "s", [record("a")], features=table, n_features=3)
    labels = [(0, "theirs", "np", 0.7, True), (0, "also theirs", "np", np.nan, False)]
    columns = ["feature", "label", "source", "score", "is_shown"]
    save_attached(store.path, pd.DataFrame(labels, columns=columns))
    return described(open_store(store.path))


def names_of(here: DescribedStore, feature: int) -> list[tuple[str, str]]:
    shown = feature_name(here, feature, rename=False)
    return [(one.label, one.source) for one in (shown, *other_names(here, feature, shown))]


def test_all_names_are_told_once(here: DescribedStore) -> None:
    assert names_of(here, 0) == [
        ("theirs", "np"),
        ('"one"', "dictionary"),
        ("also theirs", "np"),
    ]
    assert names_of(here, 1) == [("feature 1", "number")]
    assert names_of(here, 2) == [("feature 2", "number")]


def test_a_name_by_people_comes_before_all(here: DescribedStore) -> None:
    save_names(here.store.path, [GivenName(0, "mine", "people")])
    again = described(open_store(here.store.path))
    assert [label for label, _ in names_of(again, 0)] == ["mine", '"one"', "theirs", "also theirs"]


def test_scores_belong_to_their_names(here: DescribedStore) -> None:
    shown = feature_name(here, 0, rename=False)
    own, other = other_names(here, 0, shown)
    assert (shown.score, own.score) == (0.7, 0.5)
    assert np.isnan([shown.low, other.score, own.high]).all()
    assert own.low == 0.4


def test_names_made_here_have_intervals(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    # As if the dictionary had no names.
    bare = store.dictionary_features.assign(label=None)
    vars(store).update(dictionary_features=bare, features=bare)
    here = described(store)
    made = feature_name(here, 0, rename=True)
    assert made.source == "here"
    assert made.low <= made.score <= made.high
    assert made.label.startswith('"however"')
    # Named alone or among others, each is named from these documents.
    first, *_ = named_features(here, [0, 3, "however"], rename=True)
    assert (first.label, first.label_source) == (made.label, "here")


def test_words_are_their_own_names(here: DescribedStore) -> None:
    assert feature_name(here, "one", rename=True).label == '"one"'
    assert word_label("‹bold›") == "‹bold›"
    assert other_names(here, "one", feature_name(here, "one", rename=False)) == ()
    (named,) = named_features(here, ["one"])
    assert (named.kind, named.label_source) == ("word", "word")

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from corpuscope.errors import InputError, NotEnoughData
from corpuscope.sae.dictionary import Dictionary
from corpuscope.training.label import name_scores, with_labels
from tests.sae.worlds import random_dictionary


def scored(density: list[float], score: list[float], label: list[str | None]) -> Dictionary:
    """A dictionary whose first token features are as given, all others dead and without a name."""
    dictionary = random_dictionary()
    table = dictionary.features.to_pandas()
    empty = [np.nan] * (len(table) - len(score))
    table["density"] = density + [0.0] * len(empty)
    table["score"] = score + empty
    table["label"] = label + [None] * len(empty)
    return replace(dictionary, features=pa.Table.from_pandas(table, preserve_index=False))


def test_scores_are_averaged_over_features_and_over_firings() -> None:
    found = name_scores(scored([0.1, 0.3, 0.2], [1.0, 0.2, np.nan], ["a", "b", None]))["token"]
    assert found.uniform == pytest.approx(0.6)
    assert found.weighted == pytest.approx((0.1 * 1.0 + 0.3 * 0.2) / 0.4)
    assert found.left_out == pytest.approx(0.2 / 0.6)
    assert found.n_scored == 2
    assert found.named_share == pytest.approx(2 / 3)


def test_nothing_is_left_out_where_all_that_fires_is_scored() -> None:
    found = name_scores(scored([0.1, 0.0], [1.0, np.nan], ["a", None]))["token"]
    assert found.left_out == 0


def test_a_kind_without_scores_has_none() -> None:
    found = name_scores(scored([0.1], [1.0], ["a"]))["sentence"]
    assert found.n_scored == 0
    assert found.to_json()["uniform"] is None
    assert found.to_json()["left_out"] is None


def test_without_any_score_it_says_what_to_do() -> None:
    with pytest.raises(NotEnoughData, match="scored labels"):
        name_scores(random_dictionary())


def labels_of(dictionary: Dictionary) -> pd.DataFrame:
    return dictionary.features.to_pandas().set_index("feature")


def test_labels_of_any_source_are_put_into_a_dictionary() -> None:
    dictionary = random_dictionary()
    table = pd.DataFrame(
        {"feature": [2, 0], "label": ["two", "zero"], "label_source": "people", "score": [0.5, 1.0]}
    )
    found = with_labels(dictionary, table)
    labels = labels_of(found)
    assert labels.loc[[0, 2], "label"].tolist() == ["zero", "two"]
    assert pd.isna(labels.loc[1, "label"])
    assert labels.loc[2, "score"] == 0.5
    assert np.isnan(labels.loc[1, "score"])
    assert found.digest == dictionary.digest


def test_labels_of_words_replace_no_others_and_keep_scores_with_their_labels() -> None:
    first = pd.DataFrame(
        {"feature": [0, 1], "label": ["by hand", "by words"], "label_source": ["people", "words"],
         "score": [np.nan, 0.2]}
    )  # fmt: skip
    second = pd.DataFrame(
        {"feature": [0, 1], "label": ["x", "y"], "label_source": "words", "score": [0.9, 0.8]}
    )
    labels = labels_of(with_labels(with_labels(random_dictionary(), first), second))
    assert labels.loc[[0, 1], "label"].tolist() == ["by hand", "y"]
    assert np.isnan(labels.loc[0, "score"])
    assert labels.loc[1, "score"] == 0.8
    third = second.assign(label="z", label_source="a language model")
    labels = labels_of(with_labels(with_labels(random_dictionary(), first), third))
    assert labels.loc[[0, 1], "label"].tolist() == ["z", "z"]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({"feature": [0], "label": ["a"]}, "without the columns"),
        ({"feature": [0, 0], "label": ["a", "b"], "label_source": "people"}, "more than once"),
        ({"feature": [10_000], "label": ["a"], "label_source": "people"}, "10000"),
    ],
)
def test_tables_of_labels_that_do_not_fit(table: dict[str, object], found: str) -> None:
    with pytest.raises(InputError, match=found):
        with_labels(random_dictionary(), pd.DataFrame(table))

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from corpuscope.errors import NotEnoughData
from corpuscope.sae.dictionary import Dictionary
from corpuscope.training.label import name_scores
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

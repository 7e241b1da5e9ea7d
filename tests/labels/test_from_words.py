from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corpuscope.labels.contexts import background, collect_contexts
from corpuscope.labels.from_words import Labeller, label_features
from corpuscope.labels.proposals import label_feature
from corpuscope.labels.score import CHANCE, score_label
from tests.labels.worlds import store_of


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return label_features(store_of(tmp_path_factory.mktemp("s")), with_examples=True)


def test_planted_features_are_named_and_their_names_predict_them(table: pd.DataFrame) -> None:
    assert table["label"][0].startswith('"however"')
    assert "sorry" in table["label"][3]
    assert min(table["score"][0], table["score"][3]) > 0.9
    assert table["score_low"][0] <= table["score"][0] <= table["score_high"][0]
    assert set(table["label_source"]) == {"words"}


def test_features_that_are_present_at_random_score_near_chance(table: pd.DataFrame) -> None:
    for feature in (2, 4):
        score = table["score"][feature]
        assert pd.isna(table["label"][feature]) or score < 0.25
        assert np.isnan(score) == pd.isna(table["label"][feature])


def test_a_dead_feature_has_a_reason_instead_of_a_label(table: pd.DataFrame) -> None:
    assert pd.isna(table["label"][1])
    assert table["reason"][1] == "present in no document"
    assert table["n_trials"][1] == 0


def test_examples_are_texts_with_the_unit(table: pd.DataFrame) -> None:
    text, start, end = table["examples"][0][0]
    assert text[start:end] == "however"


def test_some_features_alone_get_the_same_answer(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    once, again = (label_features(store, features=[3, 0], seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    assert list(once["feature"]) == [3, 0]
    assert "examples" not in once
    assert label_features(store, features=[]).empty


def test_the_quick_score_is_the_score(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    contexts = collect_contexts(store, [3])[3]
    others = background(store, "sentence", n=8000)
    present = set(store.strengths().of_feature(3).rows.tolist())
    without = [c for c in others if c.row not in present]
    label = label_feature(contexts.training, without, "sentence")
    slow = score_label(label, contexts.held_out, without)
    quick = label_features(store, features=[3]).iloc[0]
    assert quick["label"] == label.text
    assert quick["score"] == pytest.approx(slow.score)
    assert quick["score"] > CHANCE


def test_labels_do_not_depend_on_what_was_labelled_before(tmp_path: Path) -> None:
    labeller = Labeller(store_of(tmp_path), None, 500, 0)

    def label(features: list[int]) -> str:
        return labeller.labels(features, n_contexts=60, copies=False).to_json()

    alone = label([3])
    label([0, 1, 2])
    assert label([3]) == alone

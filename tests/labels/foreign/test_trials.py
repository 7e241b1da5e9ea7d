import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corpuscope.labels.foreign.attach import merged_labels
from corpuscope.labels.foreign.label_table import label_table
from corpuscope.labels.foreign.trials import (
    phrase_trials,
    reading_requests,
    reading_trials,
    with_trials,
)
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from corpuscope.store.store import Store
from tests.labels.worlds import store_of

# Of tokens: 0 is "however"; of sentences: 3 apologies, 4 at random.
RIGHT = {0: "the word however", 3: "being sorry, an apology"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of(tmp_path_factory.mktemp("trials") / "a.scope")


def test_a_right_label_wins_and_one_of_another_feature_does_not(store: Store) -> None:
    found = phrase_trials(store, {3: RIGHT[3], 4: "a garden gate"}).set_index("feature")
    assert found.loc[3, "score"] > 0.8
    assert found.loc[3, "is_supported"]
    assert not found.loc[3, "is_worse"]
    assert found.loc[3, "score_of_others"] < 0.2
    assert not found.loc[4, "is_supported"]
    assert found.loc[3, "n_trials"] > 4


def test_a_wrong_label_of_sentences_is_worse_than_words(store: Store) -> None:
    found = phrase_trials(store, {3: "a recipe for soup"}).iloc[0]
    assert found["score"] < 0.2
    assert found["words_score"] > 0.8
    assert found["is_worse"]


def test_of_tokens_the_embedder_never_decides(store: Store) -> None:
    found = phrase_trials(store, {0: "a recipe for soup"}).iloc[0]
    assert found["words_score"] > 0.8
    assert not found["is_worse"]
    assert phrase_trials(store, {0: RIGHT[0]}).iloc[0]["score"] > 0.8


def test_a_feature_that_is_nowhere_has_no_trials(store: Store) -> None:
    found = phrase_trials(store, {1: "nothing"}).iloc[0]
    assert found["n_trials"] == 0
    assert np.isnan(found["score"])
    assert not found["is_supported"]


def test_the_same_labels_get_the_same_scores(store: Store) -> None:
    first, again = (phrase_trials(store, RIGHT, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)


def reader(request: Request) -> Mapping[str, Any]:
    """Finds what the label names by its stem, and nothing for a label that names nothing."""
    stem = next((s for s in ("sorr", "apolog", "however") if s in request.user.split("\n")[0]), "-")
    answer = {}
    for number, block in enumerate(request.user.split("Set ")[1:], start=1):
        lines = re.findall(r"^([A-E])\. (.*)$", block, re.M)
        fits = [letter for letter, line in lines if stem in line.lower()]
        answer[f"set_{number}"] = fits[0] if len(fits) == 1 else "unclear"
    return answer


def test_a_language_model_decides_between_both_names(store: Store) -> None:
    llm = LLM(Function(reader, "stems"))
    right = reading_trials(store, {0: "however"}, llm).iloc[0]
    assert right["score"] == 1.0
    assert not right["is_worse"]
    wrong = reading_trials(store, {0: "a recipe for soup"}, llm).iloc[0]
    assert wrong["score"] == 0.0
    assert wrong["words_score"] == 1.0
    assert wrong["is_worse"]
    assert len(reading_requests(store, {0: "however"})) == 2


def attached() -> pd.DataFrame:
    about = {"source": "s", "score": [0.9, 0.8], "score_kind": "detection"}
    return merged_labels(None, label_table([0, 3], ["of a token", "of sentences"], about))


def trials(**changes: object) -> pd.DataFrame:
    about = {
        "feature": [0, 3], "kind": ["token", "sentence"], "label": ["of a token", "of sentences"],
        "score": [0.1, 0.3], "n_trials": [20, 20], "is_worse": [False, False],
        "score_kind": "trials here, by embedding",
    }  # fmt: skip
    return pd.DataFrame(about | changes)


def test_scores_here_take_the_place_of_those_of_the_source(store: Store) -> None:
    found = with_trials(attached(), trials())
    assert found["score"].tolist() == [0.9, 0.3]
    assert found["score_kind"].tolist() == ["detection", "trials here, by embedding"]
    assert found["score_of_source"].tolist() == pytest.approx([np.nan, 0.8], nan_ok=True)
    assert found["kind_of_source"].tolist()[1] == "detection"
    assert found["is_shown"].tolist() == [True, True]
    again = with_trials(found, trials(score=[0.1, 0.5]))
    assert (again["score"][1], again["score_of_source"][1]) == (0.5, 0.8)


def test_a_label_worse_than_words_is_kept_and_not_shown() -> None:
    found = with_trials(attached(), trials(is_worse=[False, True]))
    assert found["is_shown"].tolist() == [True, False]
    assert found["label"].tolist() == ["of a token", "of sentences"]
    # It stays so when labels of another source are attached.
    other = merged_labels(found, label_table([7], ["another"], {"source": "t"}))
    assert other["is_shown"].tolist() == [True, False, True]


def test_trials_by_reading_count_for_tokens_too() -> None:
    found = with_trials(attached(), trials(score_kind="trials here, by reading"))
    assert found["score"].tolist() == [0.1, 0.3]


def test_what_could_not_be_tested_stays_as_it_is() -> None:
    found = with_trials(attached(), trials(score=[np.nan, np.nan]))
    assert found["score"].tolist() == [0.9, 0.8]

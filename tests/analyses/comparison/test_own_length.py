"""A sentence that is added is found though it makes all the length; what follows length is not."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.own_length import own_length_p
from corpuscope.analyses.diff.analysis import diff as diff_with_names
from corpuscope.analyses.trend.analysis import trend as trend_with_names
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, vocabulary, write
from tests.asking import ask

diff = partial(ask, diff_with_names, rename=False, features=True, words=False)
trend = partial(ask, trend_with_names, rename=False, features=True, words=False)

ADDED, N_WORDS, N_ADDED = 7, 20, 8


def texts(shares: tuple[float, ...], n: int = 120) -> list[Made]:
    """Groups of equally long texts of which these shares have one more sentence."""
    rng = np.random.default_rng(0)
    made = noise(rng, n * len(shares), n_words=N_WORDS)
    for number, text in enumerate(made):
        group = number % len(shares)
        text.metadata = {"group": group, "prompt": number // len(shares)}
        text.features -= {ADDED}
        if rng.random() < shares[group]:
            text.words += vocabulary(rng, N_ADDED)
            text.features.add(ADDED)
            text.n_sentences += 1
    return made


def merely_longer(n: int = 250, seed: int = 0) -> list[Made]:
    """Texts of which one group is longer, and has as much more of every feature."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(2 * n):
        is_long = number % 2
        n_sentences = int(rng.integers(1, 3)) + is_long
        rates = np.linspace(0.02, 0.2, 30) * n_sentences
        features = set(np.flatnonzero(rng.random(30) < rates).tolist())
        words = vocabulary(rng, 15 * n_sentences)
        made.append(Made(words, features, {"group": is_long}, n_sentences=n_sentences))
    return made


def test_a_sentence_that_makes_all_the_length_is_found_and_told_apart(tmp_path: Path) -> None:
    store = write(tmp_path / "added.scope", texts((0.05, 0.95)))
    (found,) = diff(store, by="group", target="1").findings
    assert found.feature == ADDED
    assert found.adds_length
    assert found.difference == pytest.approx(0.9, abs=0.08)
    assert diff(store, by="group", target="1").to_frame()["adds_length"].tolist() == [True]
    assert diff(store, by="group", target="1").to_json()["findings"][0]["adds_length"] is True


def test_in_the_other_direction_it_is_found_as_well(tmp_path: Path) -> None:
    store = write(tmp_path / "added.scope", texts((0.95, 0.05)))
    (found,) = diff(store, by="group", target="1").findings
    assert (found.feature, found.adds_length, found.difference < 0) == (ADDED, True, True)


def test_a_trend_of_it_is_found_and_told_apart(tmp_path: Path) -> None:
    store = write(tmp_path / "added.scope", texts((0.05, 0.35, 0.65, 0.95)))
    (found,) = trend(store, by="group").findings
    assert (found.feature, found.adds_length) == (ADDED, True)
    assert trend(store, by="group").to_frame()["adds_length"].tolist() == [True]


def test_what_holds_at_equal_lengths_is_not_said_to_make_them(tmp_path: Path) -> None:
    made = texts((0.0, 0.0))
    for number, text in enumerate(made):
        if number % 2 and number % 5 < 3:
            text.features.add(ADDED)
    (found,) = diff(write(tmp_path / "same.scope", made), by="group", target="1").findings
    assert (found.feature, found.adds_length) == (ADDED, False)


def test_where_lengths_are_not_looked_at_nothing_makes_them(tmp_path: Path) -> None:
    store = write(tmp_path / "added.scope", texts((0.05, 0.95)))
    (found,) = diff(store, by="group", target="1", adjust=False).findings
    assert (found.feature, found.adds_length) == (ADDED, False)


def test_more_than_a_sentence_is_left_to_equal_lengths(tmp_path: Path) -> None:
    made = texts((0.05, 0.95))
    for text in made:
        text.n_sentences += 2 * (ADDED in text.features)
    assert not len(diff(write(tmp_path / "more.scope", made), by="group", target="1"))


def test_without_sentences_equal_lengths_decide() -> None:
    lengths, group = np.array([20, 20, 28, 28]), np.array([0.0, 0.0, 1.0, 1.0])
    rows, strata = np.arange(4), np.zeros(4, dtype=np.int64)
    has = sp.csr_array(np.array([[0], [0], [1], [1]]))
    of_tokens = Covariates(lengths, strata)
    of_both = Covariates(lengths, strata, np.array([1, 1, 2, 2]))
    asked = partial(own_length_p, has, group, rows=rows, clusters=None)
    assert asked(covariates=of_tokens) is None
    assert asked(covariates=of_both) is not None


def test_a_mark_of_several_lines_cannot_make_the_length(tmp_path: Path) -> None:
    made = texts((0.05, 0.95))
    for text in made:
        if ADDED in text.features:
            text.words[N_WORDS - 1] = "line\n\nline"
            text.features = set()
    store = write(tmp_path / "lines.scope", made)
    told = ask(diff_with_names, store, by="group", target="1", rename=False)
    assert "‹several paragraphs›" not in {one.feature for one in told.findings}
    raw = ask(diff_with_names, store, by="group", target="1", rename=False, adjust=False)
    assert "‹several paragraphs›" in {name for one in raw.findings for name in one.features}


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> list[Store]:
    folder = tmp_path_factory.mktemp("longer")
    return [write(folder / f"{seed}.scope", merely_longer(seed=seed)) for seed in range(8)]


def test_what_merely_follows_length_is_seldom_found(longer: list[Store]) -> None:
    raw = [len(diff(store, by="group", target="1", adjust=False)) for store in longer]
    assert np.mean(raw) > 3
    assert sum(len(diff(store, by="group", target="1")) > 0 for store in longer) <= 1

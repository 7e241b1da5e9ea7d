"""Documents that depend on each other are found, and counted by what they share."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.correlate.analysis import correlate
from corpuscope.analyses.correlate.dependent import near_topics
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.statistics.similarity.directions import at_length_one
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, write

ODD = (28, 29)
SETTINGS = CorrelateSettings(min_support=5, words=False)
N_PROMPTS, N_ANSWERS = 14, 30


def answers() -> list[Made]:
    """Many answers to each prompt, whose topic is two features; ten of ten prompts are odd."""
    rng = np.random.default_rng(3)
    made = noise(rng, N_PROMPTS * N_ANSWERS)
    for number, one in enumerate(made):
        prompt = number % N_PROMPTS
        one.metadata = {"prompt": f"p{prompt}"}
        one.features -= set(ODD)
        one.features |= {2 * prompt + at for at in range(2) if rng.random() < 0.8}
        if number < 10:
            one.features |= set(ODD)
    return made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write(tmp_path_factory.mktemp("dependent") / "s", answers())


def pairs(found: object) -> list[tuple[int, int]]:
    return [(one.feature_a, one.feature_b) for one in found.findings]  # type: ignore[attr-defined]


def test_prompts_are_counted_where_one_could_make_a_pair(store: Store) -> None:
    found = correlate(store, settings=SETTINGS)
    assert pairs(found) == [ODD]
    assert found.suggested_group == "prompt"
    (told,) = [one for one in found.warnings if "are similar" in one]
    assert "pairs must occur in 5 of its values" in told
    assert "one_per='prompt'" in told


def test_documents_are_counted_if_asked(store: Store) -> None:
    settings = CorrelateSettings(min_support=5, words=False, finds_group=False)
    found = correlate(store, settings=settings)
    assert (0, 1) in pairs(found)
    (told,) = [one for one in found.warnings if "are similar" in one]
    assert "group='prompt'" in told


def test_what_is_named_is_not_looked_for(store: Store) -> None:
    found = correlate(store, settings=SETTINGS, group="prompt")
    assert found.suggested_group is None
    assert not [one for one in found.warnings if "are similar" in one]


def test_small_clusters_are_told_of_only(tmp_path: Path) -> None:
    made = answers()
    for number, one in enumerate(made):
        one.metadata = {"prompt": f"p{number % N_PROMPTS}-{number // (3 * N_PROMPTS)}"}
    found = correlate(write(tmp_path / "s", made), settings=SETTINGS)
    assert found.suggested_group == "prompt"
    assert any("may stem from a few" in one for one in found.warnings)


def directions(n_topics: int, each: int, *, spread: float = 0.05, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((n_topics, 64))
    made = np.repeat(centres, each, axis=0) + spread * rng.standard_normal((n_topics * each, 64))
    return at_length_one(made.astype(np.float32))


def test_topics_are_found_where_texts_are_variations_on_a_few() -> None:
    found = near_topics(directions(20, 30), least=10)
    assert found is not None
    assert len(np.unique(found)) == 20
    assert (found.reshape(20, 30) == found.reshape(20, 30)[:, :1]).all()


def test_independent_texts_have_no_topics() -> None:
    assert near_topics(directions(600, 1), least=10) is None
    assert near_topics(directions(5, 1), least=10) is None


def test_a_few_near_texts_are_no_topic() -> None:
    odd = directions(1, 10, seed=1)
    found = near_topics(np.concatenate([directions(20, 30), odd]), least=10)
    assert found is not None
    assert len(np.unique(found[600:])) == 10


def test_documents_beyond_those_compared_join_the_nearest_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("corpuscope.analyses.correlate.dependent._MOST_COMPARED", 300)
    found = near_topics(directions(20, 30), least=10)
    assert found is not None
    assert len(np.unique(found)) == 20

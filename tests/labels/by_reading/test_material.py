"""What names a feature does not test its name, and foils lack the feature."""

import pytest

from corpuscope.labels.by_reading.material import FeatureMaterial, material_of_features
from corpuscope.store.store import Store
from tests.claiming.worlds import CERTAIN, DOUBT, store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store(tmp_path_factory.mktemp("reading") / "s.scope")


@pytest.fixture(scope="module")
def material(made: Store) -> list[FeatureMaterial]:
    return material_of_features(made, [CERTAIN, DOUBT])


def test_contexts_come_from_the_whole_range(material: list[FeatureMaterial]) -> None:
    for one in material:
        strengths = [context.strength for context in one.with_it]
        assert strengths == sorted(strengths, reverse=True)
        assert len(one.with_it) == 12
        assert strengths[0] > strengths[-1]


def test_contexts_without_it_are_of_documents_that_lack_it(
    made: Store, material: list[FeatureMaterial]
) -> None:
    presence = made.presence().toarray().astype(bool)
    for one in material:
        assert len(one.without) == 8
        for context in one.without:
            assert not presence[context.row, one.feature]


def test_a_trial_has_one_context_with_the_feature_and_none_that_named_it(
    made: Store, material: list[FeatureMaterial]
) -> None:
    presence = made.presence().toarray().astype(bool)
    for one in material:
        assert len(one.trials) == 6
        naming = {(c.row, c.start) for c in (*one.with_it, *one.without)}
        rights = {trial.right for trial in one.trials}
        assert len(rights) > 1
        for trial in one.trials:
            assert len(trial.contexts) == 5
            has = [bool(presence[c.row, one.feature]) for c in trial.contexts]
            assert has == [at == trial.right for at in range(5)]
            assert not naming & {(c.row, c.start) for c in trial.contexts}


def test_windows_named_nothing_and_go_from_strong_to_weak(
    made: Store, material: list[FeatureMaterial]
) -> None:
    presence = made.presence().toarray().astype(bool)
    for one in material:
        tests = one.windows
        with_it = [context for band in tests.bands for context in band]
        naming = {(c.row, c.start) for c in (*one.with_it, *one.without)}
        assert 10 <= len(with_it) <= 20
        assert all(presence[c.row, one.feature] for c in with_it)
        assert not any(presence[c.row, one.feature] for c in (*tests.random, *tests.near))
        assert not naming & {(c.row, c.start) for c in (*with_it, *tests.random, *tests.near)}
        means = [sum(c.strength for c in band) / len(band) for band in tests.bands if band]
        assert means == sorted(means, reverse=True)


def test_only_the_documents_asked_for_are_used(made: Store) -> None:
    among = [at % 2 == 0 for at in range(made.n_documents)]
    import numpy as np

    (one,) = material_of_features(made, [CERTAIN], among=np.array(among))
    assert {context.row % 2 for context in (*one.with_it, *one.without)} == {0}

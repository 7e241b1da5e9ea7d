"""What is compared: documents that count, features that can tell, and halves of both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison.groups import Groups, find_groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import ComparedGroups, Setup, set_up
from corpuscope.analyses.trend.ordered_groups import find_ordered_groups
from corpuscope.errors import ColumnNotFound, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PerFeature
from tests.analyses.worlds import Made, vocabulary, write

N, PLANTED = 80, 5
SETTINGS = ComparisonSettings(words=False)


def made(n: int = N, seed: int = 0) -> list[Made]:
    """Two sides in turn, and authors of four texts in a row, whose habits differ."""
    rng = np.random.default_rng(seed)
    documents = []
    for i in range(n):
        habits = np.random.default_rng(1000 + i // 4).choice([0.05, 0.95], 12)
        features = {f for f in range(12) if rng.random() < habits[f]}
        if i % 2 and rng.random() < 0.9:
            features.add(20 + PLANTED)
        about = {"side": "ab"[i % 2], "author": i // 4, "half": i * 2 // n}
        documents.append(Made(vocabulary(rng, 20), features, about))
    return documents


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(write(tmp_path_factory.mktemp("setup") / "a", made()))


def all_can_tell(presence: sp.csr_array, groups: Groups) -> PerFeature:
    return np.zeros(presence.shape[1])


def groups_of(source: NamedStore) -> Groups:
    return find_groups(source.column("side"), by="side", target="b", reference=None)


def setup(
    source: NamedStore, *, settings: ComparisonSettings = SETTINGS,
    least_p: Callable[[Any, Any], PerFeature] = all_can_tell, **options: Any,
) -> Setup[Groups]:  # fmt: skip
    usual = {"by": "side", "pair": None, "group": None, "strata": []} | options
    return set_up(source, groups_of(source), settings=settings, least_p=least_p, **usual)


def test_groups_of_both_questions_can_be_set_up(source: NamedStore) -> None:
    assert isinstance(groups_of(source), ComparedGroups)
    years = np.array([str(i % 3) for i in range(N)], dtype=object)
    ordered = find_ordered_groups(years, by="year", order=None, max_groups=12)
    assert isinstance(ordered, ComparedGroups)


def test_every_document_is_in_one_half(source: NamedStore) -> None:
    found = setup(source)
    first, second = (half.rows for half in found.halves)
    assert (first ^ second).all()
    assert found.n_documents == N
    for half in found.halves:
        assert {len(rows) for rows in half.sides().values()} == {N // 4}
    assert (
        setup(source, settings=ComparisonSettings(words=False, holdout=0.25)).halves[1].rows.sum()
        == N // 4
    )


def test_features_are_tested_that_have_support_and_can_tell(source: NamedStore) -> None:
    found = setup(source)
    dense = source.presence(None).toarray() != 0
    supported = [f for f in range(30) if 10 <= dense[:, f].sum() <= N - 10]
    assert found.columns.features.tolist() == supported
    assert 20 + PLANTED in supported
    fewer = setup(source, settings=ComparisonSettings(words=False, min_support=35))
    assert 0 < len(fewer.columns) < len(supported)


def test_what_cannot_reach_significance_is_not_tested(source: NamedStore) -> None:
    def only_the_last(presence: sp.csr_array, groups: Groups) -> PerFeature:
        assert groups.contrasts[0].n_documents == N
        return np.append(np.ones(presence.shape[1] - 1), 1e-9)

    found = setup(source, least_p=only_the_last)
    assert found.columns.features.tolist() == [20 + PLANTED]
    assert found.columns.presence.shape == (N, 1)


def test_words_and_features_are_tested_as_the_settings_say(source: NamedStore) -> None:
    only_words = setup(source, settings=ComparisonSettings(features=False))
    assert len(only_words.columns.features) == 0
    assert len(only_words.columns.words) > 0
    nothing = setup(source, settings=ComparisonSettings(features=False, words=False))
    assert len(nothing.columns) == 0


def test_covariates_are_lengths_and_the_strata_asked_for(source: NamedStore) -> None:
    found = setup(source, strata=["half"])
    assert found.covariates.strata.tolist() == [0] * (N // 2) + [1] * (N // 2)
    assert found.covariates.lengths.tolist() == [20] * N
    with pytest.raises(ColumnNotFound, match="colour"):
        setup(source, strata=["colour"])


def test_clusters_stay_whole_and_are_calibrated(source: NamedStore) -> None:
    found = setup(source, group="author")
    clusters = found.groups.cluster_numbers
    assert clusters is not None
    assert len(np.unique(clusters)) == N // 4
    for half in found.halves:
        assert np.bincount(clusters[half.rows]).tolist().count(4) * 4 == half.rows.sum()
        assert half.contrasts[0].calibration is not None
    assert found.groups.contrasts[0].calibration is not None
    assert found.suggested is None


def test_a_column_of_clusters_is_suggested_unless_it_is_used(tmp_path: Path) -> None:
    """Here all of an author's texts are of one side."""
    documents = made(64)
    for i, one in enumerate(documents):
        one.metadata = {"side": "ab"[i // 4 % 2], "author": i // 4}
    source = NamedStore(write(tmp_path / "a", documents))
    found = setup(source)
    assert found.suggested_group == "author"
    assert any("'author'" in told for told in found.dependence_warnings)
    assert setup(source, group="author").suggested_group is None


def test_copies_count_once_in_their_group_and_stay_in_one_half(tmp_path: Path) -> None:
    documents = made()
    documents += [Made(one.words, one.features, one.metadata) for one in documents[:20]]
    source = NamedStore(write(tmp_path / "a", documents))
    found = setup(source)
    assert found.n_documents == N
    assert not found.groups.rows[N:].any()
    assert any("20 " in told for told in found.dependence_warnings)
    every = setup(source, settings=ComparisonSettings(words=False, count_copies=True))
    assert every.n_documents == N + 20
    second = every.halves[1].rows
    assert (second[:20] == second[N:]).all()


def test_groups_and_clusters_that_are_too_few_are_refused(
    tmp_path: Path, source: NamedStore
) -> None:
    with pytest.raises(NotEnoughData, match="'half'"):
        setup(source, group="half")
    few = NamedStore(write(tmp_path / "a", made(6)))
    with pytest.raises(NotEnoughData, match="'a'"):
        setup(few)
    uneven = ComparisonSettings(words=False, holdout=0.01)
    with pytest.raises(NotEnoughData, match="holdout"):
        setup(source, settings=uneven)


def test_what_is_detectable_is_planted_in_the_target(source: NamedStore) -> None:
    found = setup(source)
    target = found.groups.contrasts[0].target_rows
    shown: list[np.ndarray] = []

    def rule(planted: sp.csr_array) -> np.ndarray:
        shown.append(planted.toarray() != 0)
        return shown[-1][target].mean(axis=0) > 0.7

    least = found.detectable(rule, p=np.ones(len(found.columns)))
    assert shown[0][target].all()
    assert shown[0][~found.groups.positions_of(np.arange(N)).astype(bool)].mean() < 0.2
    assert least == pytest.approx(0.65, abs=0.06)

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from corpuscope.probing.models.feature_selection import by_difference, chosen_features


def world(seed: int = 0, n: int = 400, n_features: int = 60) -> tuple[sp.csr_array, np.ndarray]:
    """Features 7 and 11 tell the class; 12 is a faint copy of 11."""
    rng = np.random.default_rng(seed)
    values = rng.random((n, n_features)) * (rng.random((n, n_features)) < 0.2)
    targets = (rng.random(n) < 0.5).astype(np.float32)
    values[:, 7] = targets * (rng.random(n) < 0.6)
    values[:, 11] = 30 * (1 - targets) * (rng.random(n) < 0.55)
    values[:, 12] = values[:, 11] * (rng.random(n) < 0.8)
    return sp.csr_array(values.astype(np.float32)), targets[:, None]


def test_class_means_are_compared_in_standard_deviations() -> None:
    features, targets = world()
    dense, is_yes = features.toarray(), targets[:, 0] > 0
    effect = np.abs(dense[is_yes].mean(axis=0) - dense[~is_yes].mean(axis=0)) / dense.std(axis=0)
    assert by_difference(features, targets)[:5].tolist() == np.argsort(-effect)[:5].tolist()
    assert set(by_difference(features, targets)[:3]) == {7, 11, 12}


@pytest.mark.parametrize("seed", range(4))
def test_a_penalty_finds_what_tells_and_passes_over_its_copy(seed: int) -> None:
    features, targets = world(seed)
    chosen = chosen_features(features, targets, ks=(2, 20), choice="l1", loss="logistic")
    assert set(chosen[2]) == {7, 11}
    assert len(set(chosen[20])) == 20


def test_a_penalty_leaves_what_scikit_learn_leaves() -> None:
    features, targets = world(5)
    found = chosen_features(features, targets, ks=(6,), choice="l1", loss="logistic")[6]
    dense = features.toarray()
    scaled = (dense - dense.mean(axis=0)) / dense.std(axis=0)
    for c in np.geomspace(1e-3, 1, 60):
        one = LogisticRegression(C=c, l1_ratio=1, solver="saga", tol=1e-5, max_iter=5000).fit(
            scaled, targets[:, 0]
        )
        if (left := np.flatnonzero(one.coef_[0])).size >= 6:
            break
    assert len(set(found) & set(left)) >= 5


def test_no_more_features_are_given_than_vary() -> None:
    features = sp.csr_array(np.eye(8, 3, dtype=np.float32))
    targets = np.tile([[0.0], [1.0]], (4, 1)).astype(np.float32)
    for choice in ("difference", "l1"):
        chosen = chosen_features(features, targets, ks=(10,), choice=choice, loss="logistic")  # type: ignore[arg-type]
        assert sorted(chosen[10].tolist()) == [0, 1, 2]


def test_of_several_classes_each_may_bring_its_feature() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=300)
    targets = (labels[:, None] == np.arange(3)).astype(np.float32)
    values = rng.random((300, 20)) * (rng.random((300, 20)) < 0.3)
    values[:, :3] = targets * (rng.random((300, 3)) < 0.8)
    for choice in ("difference", "l1"):
        chosen = chosen_features(
            sp.csr_array(values.astype(np.float32)), targets, ks=(3,), choice=choice,  # type: ignore[arg-type]
            loss="logistic",
        )  # fmt: skip
        assert set(chosen[3]) == {0, 1, 2}

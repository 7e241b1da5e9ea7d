"""The features that are listed are those of the largest weights, with rates counted by hand."""

import numpy as np
import pytest

from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.documents.targets import Target
from corpuscope.probing.finding import ProbeFeature
from corpuscope.probing.learner import FittedProbe, Learner
from corpuscope.probing.matrices.design_matrices import DesignMatrices
from corpuscope.probing.models.cross_validation import TrainingSet
from corpuscope.probing.probe_names import parsed
from corpuscope.probing.top_features import N_LISTED, listed_features
from corpuscope.store.store import Store
from tests.store.worlds import dense, random_records, write

N, N_FEATURES = 60, 40
RECORDS = random_records(N, n_features=N_FEATURES, n_each=20, seed=3)
ROWS = np.arange(0, N, 2)
TWO = Target("classes", ("no", "yes"))
THREE = Target("classes", ("a", "b", "größe"))
NUMBER = Target("number")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write(tmp_path_factory.mktemp("top") / "s.scope", RECORDS, n_features=N_FEATURES)


def targets_of(aim: Target) -> np.ndarray:
    rng = np.random.default_rng(0)
    if aim.kind == "number":
        return rng.standard_normal((len(ROWS), 1)).astype(np.float32)
    labels = rng.integers(len(aim.classes), size=len(ROWS))
    every: np.ndarray = (labels[:, None] == np.arange(len(aim.classes))).astype(np.float32)
    return every[:, 1:] if len(aim.classes) == 2 else every


def listed(
    store: Store,
    aim: Target,
    features: np.ndarray,
    weights: np.ndarray,
    targets: np.ndarray | None = None,
) -> tuple[ProbeFeature, ...]:
    spec = parsed("sae token max all")
    probe = FittedProbe(
        spec, frozenset(), lambda _, rows: rows, np.zeros((len(ROWS), weights.shape[1])), 0.5, 1.0,
        len(features), features, weights, is_converged=True,
    )  # fmt: skip
    given = targets_of(aim) if targets is None else targets
    training_set = TrainingSet(given, np.arange(len(ROWS)) % 3, "logistic")
    learner = Learner(DesignMatrices(store, None), ROWS, training_set, [spec], 0)
    return listed_features(probe, aim, learner, NamedStore(store))


@pytest.mark.parametrize("n", [1, 5, N_LISTED, N_LISTED + 7])
@pytest.mark.parametrize("aim", [TWO, THREE, NUMBER], ids=["two", "three", "number"])
def test_features_are_listed_by_the_size_of_their_weights(
    aim: Target, n: int, store: Store
) -> None:
    rng = np.random.default_rng(n)
    features = rng.permutation(N_FEATURES)[:n]
    weights = rng.standard_normal((n, max(len(aim.columns), 1))).astype(np.float32)
    found = listed(store, aim, features, weights)
    ranked = sorted(range(n), key=lambda at: -max(abs(float(one)) for one in weights[at]))
    assert [one.feature for one in found] == [int(features[at]) for at in ranked[:N_LISTED]]
    for one, at in zip(found, ranked, strict=False):
        largest = max(weights[at].tolist(), key=abs)
        assert one.weight == largest
        if aim.kind == "number":
            assert one.towards == ""
        elif len(aim.classes) == 2:
            assert one.towards == ("yes" if largest > 0 else "no")
        else:
            assert one.towards == aim.classes[weights[at].tolist().index(largest)]


def test_ties_keep_the_order_of_the_probe(store: Store) -> None:
    features = np.array([9, 2, 30, 4])
    weights = np.array([[1.0], [-1.0], [2.0], [1.0]], dtype=np.float32)
    assert [one.feature for one in listed(store, TWO, features, weights)] == [30, 9, 2, 4]


@pytest.mark.parametrize("aim", [TWO, THREE], ids=["two", "three"])
def test_rates_are_shares_of_training_documents_with_the_feature(aim: Target, store: Store) -> None:
    features = np.array([0, 7, 39])
    weights = np.ones((3, len(aim.columns)), dtype=np.float32)
    is_present = dense(RECORDS, N_FEATURES)[ROWS] > 0.5
    targets = targets_of(aim)
    for one in listed(store, aim, features, weights):
        assert list(one.rates) == list(aim.classes)
        for i, name in enumerate(aim.classes):
            own = targets[:, 0] == i if len(aim.classes) == 2 else targets[:, i] == 1
            assert one.rates[name] == pytest.approx(is_present[own, one.feature].mean())


def test_a_number_has_no_rates(store: Store) -> None:
    (one,) = listed(store, NUMBER, np.array([3]), np.ones((1, 1), dtype=np.float32))
    assert one.rates == {}


def test_a_class_without_training_documents_has_no_rate(store: Store) -> None:
    targets = np.ones((len(ROWS), 1), dtype=np.float32)
    (one,) = listed(store, TWO, np.array([3]), np.ones((1, 1), dtype=np.float32), targets)
    assert np.isnan(one.rates["no"])
    assert one.rates["yes"] == pytest.approx((dense(RECORDS)[ROWS, 3] > 0.5).mean())


def test_no_feature_makes_an_empty_list(store: Store) -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert listed(store, TWO, nothing, np.empty((0, 1), dtype=np.float32)) == ()


def test_labels_are_those_of_the_dictionary(store: Store) -> None:
    source = NamedStore(store)
    (one,) = listed(store, TWO, np.array([12]), np.ones((1, 1), dtype=np.float32))
    assert one.label == source.label(12) == "feature 12"
    assert one.label_source == source.label_source(12)

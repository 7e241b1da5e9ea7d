"""Each probe is trained once, on training rows alone, and finds what was planted."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import roc_auc_score

from corpuscope.probing.learner import FittedProbe, Learner
from corpuscope.probing.matrices.array_writer import ArrayWriter
from corpuscope.probing.matrices.design_matrices import DesignMatrices
from corpuscope.probing.matrices.pooled_cache import PooledStore
from corpuscope.probing.models.cross_validation import TrainingSet
from corpuscope.probing.models.linear_solver import Loss
from corpuscope.probing.probe_names import parsed
from corpuscope.store.store import Store
from tests.store.worlds import record, write

N, N_FEATURES, WIDTH, FIRST = 90, 40, 6, 100
PARTS = {"sentence": (0, FIRST), "token": (FIRST, N_FEATURES)}
TRAIN = np.arange(N)[np.arange(N) % 3 != 0]
REST = np.arange(0, N, 3)
NAMES = ("sae token max k=1", "sae token max k=3", "sae token max k=3 l1", "sae token max all",
         "sae token mean all", "dense token mean")  # fmt: skip


def targets_of(n: int = N) -> np.ndarray:
    """Which documents are of the class; the test rows, too."""
    return (np.random.default_rng(0).random(n) < 0.5).astype(np.float32)


def features_of(seed: int, *, planted: bool) -> np.ndarray:
    """Noise; if planted, the features 7 and 21 tell the class, the first of them best."""
    rng = np.random.default_rng(seed)
    values = rng.random((N, N_FEATURES)) * (rng.random((N, N_FEATURES)) < 0.4)
    if planted:
        targets = targets_of()
        values[:, 7] = (1 + targets) * (rng.random(N) < 0.1 + 0.85 * targets)
        values[:, 21] = (2 - targets) * (rng.random(N) < 0.7 - 0.6 * targets)
    return (values * 64).round().astype(np.float32) / 64


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("learner")
    return write(folder / "s.scope", [record(f"d{i}") for i in range(N)], size=N)


def made(folder: Path, store: Store, features: np.ndarray) -> DesignMatrices:
    """States whose second number is feature 7, and tokens that are the states."""
    states = np.random.default_rng(1).standard_normal((N, WIDTH)).astype(np.float16)
    states[:, 1] = features[:, 7]
    folder.mkdir()
    writer = ArrayWriter(folder)
    for pooling in ("mean", "max"):
        writer.add(f"token-{pooling}-states", states)
        writer.add_rows(f"token-{pooling}-features", sp.csr_array(features))
    writer.add("tokens", states)
    writer.add("n-tokens", np.ones(N, dtype=np.int64))
    writer.add_rows("tokens-features", sp.csr_array(features))
    writer.finish()
    return DesignMatrices(store, PooledStore(folder, N, PARTS))


@pytest.fixture(scope="module")
def matrices(tmp_path_factory: pytest.TempPathFactory, store: Store) -> DesignMatrices:
    return made(tmp_path_factory.mktemp("m") / "pooled", store, features_of(2, planted=True))


def learner(
    matrices: DesignMatrices,
    *,
    names: tuple[str, ...] = NAMES,
    targets: np.ndarray | None = None,
    loss: Loss = "logistic",
) -> Learner:
    every = targets_of() if targets is None else targets
    own = every[TRAIN].reshape(len(TRAIN), -1)
    training_set = TrainingSet(own, np.arange(len(TRAIN)) % 4, loss)
    return Learner(matrices, TRAIN, training_set, [parsed(name) for name in names], 0)


@pytest.fixture(scope="module")
def every(matrices: DesignMatrices) -> dict[str, FittedProbe]:
    one = learner(matrices)
    return {name: one.learn(parsed(name)) for name in NAMES}


@pytest.mark.parametrize(
    ("name", "features"),
    [("sae token max k=1", {107}), ("sae token max k=3", {107, 121}),
     ("sae token max k=3 l1", {107})],
)  # fmt: skip
def test_the_features_that_tell_are_chosen_and_counted_over_all_parts(
    name: str, features: set[int], every: dict[str, FittedProbe]
) -> None:
    found = every[name]
    assert features <= set(found.features.tolist())
    assert len(found.features) == found.n_features == parsed(name).k
    weight = dict(zip(found.features.tolist(), found.weights[:, 0].tolist(), strict=True))
    assert weight[107] > 0 > weight.get(121, -1)


@pytest.mark.parametrize("name", NAMES)
def test_scores_transfer_to_rows_that_were_not_trained_on(
    name: str, matrices: DesignMatrices, every: dict[str, FittedProbe]
) -> None:
    found = every[name]
    assert found.is_converged
    scores = found.scores(matrices, REST)
    assert scores.shape == (len(REST), 1)
    assert roc_auc_score(targets_of()[REST], scores[:, 0]) > 0.75
    assert found.out_of_fold.shape == (len(TRAIN), 1)
    assert found.validation > 0.75


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("sae")])
def test_scores_are_the_weights_of_standardised_features(
    name: str, matrices: DesignMatrices, every: dict[str, FittedProbe]
) -> None:
    found = every[name]
    pooled = matrices.pooled
    assert pooled is not None
    own = pooled.features("token", "max").toarray()[:, found.features - FIRST]
    deviation = own[TRAIN].std(axis=0)
    expected = own / deviation @ found.weights[:, 0]
    scores = found.scores(matrices, np.arange(N))[:, 0]
    # All but the intercept.
    assert scores - scores.mean() == pytest.approx(expected - expected.mean(), abs=2e-3)


def test_probes_without_features_list_none(every: dict[str, FittedProbe]) -> None:
    found = every["dense token mean"]
    assert (found.features.shape, found.weights.shape) == ((0,), (0, 1))
    assert found.n_features == WIDTH


def test_an_excluded_feature_is_not_used_and_both_probes_are_kept(
    matrices: DesignMatrices,
) -> None:
    one = learner(matrices, names=("sae token max k=1", "sae token max all"))
    excluded = frozenset({107})
    for spec in one.specs:
        before, after = one.learn(spec), one.learn(spec, excluded)
        assert 107 in before.features
        assert 107 not in after.features
        assert after.without == excluded
        assert one.learn(spec) is before
        assert one.learn(spec, excluded) is after
    assert one.learn(parsed("sae token max k=1"), excluded).features.tolist() == [121]


def test_probes_do_not_depend_on_which_others_were_requested(
    matrices: DesignMatrices, every: dict[str, FittedProbe]
) -> None:
    name = "sae token max k=3"
    alone = learner(matrices, names=(name,)).learn(parsed(name))
    assert alone.features.tolist() == every[name].features.tolist()
    assert alone.out_of_fold == pytest.approx(every[name].out_of_fold, abs=1e-4)
    assert alone.penalty == every[name].penalty


def test_features_are_chosen_without_the_fold_that_they_are_tried_on(
    tmp_path: Path, store: Store
) -> None:
    """Chosen on all rows, the best of 40 features of noise would seem to tell the class."""
    noise = made(tmp_path / "noise", store, features_of(3, planted=False))
    found = []
    for seed in range(3):
        targets = np.random.default_rng(10 + seed).permutation(targets_of())
        one = learner(noise, names=("sae token max k=3",), targets=targets)
        found.append(one.learn(one.specs[0]).validation)
    assert np.mean(found) < 0.6


def test_a_number_is_fitted_with_a_squared_loss(matrices: DesignMatrices) -> None:
    pooled = matrices.pooled
    assert pooled is not None
    values = pooled.features("token", "max").toarray()
    number = 5 + 2 * values[:, 7] - values[:, 21]
    one = learner(matrices, names=("sae token max all",), targets=number, loss="squared")
    found = one.learn(one.specs[0])
    assert found.validation > 0.95
    scores = found.scores(matrices, REST)[:, 0]
    assert np.abs(scores - number[REST]).mean() < 0.35 * number.std()


def test_several_classes_have_a_column_of_weights_each(matrices: DesignMatrices) -> None:
    labels = np.arange(N) // 3 % 3
    targets = (labels[:, None] == np.arange(3)).astype(np.float32)
    one = learner(matrices, names=("sae token max k=3",), targets=targets)
    found = one.learn(one.specs[0])
    assert found.weights.shape == (3, 3)
    assert found.out_of_fold.shape == (len(TRAIN), 3)
    assert found.scores(matrices, REST).shape == (len(REST), 3)


@pytest.mark.parametrize("kind", ["dense token attention", "sae token attention all"])
def test_attention_over_one_token_is_the_probe_of_means(
    kind: str, matrices: DesignMatrices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpuscope.probing.models.attention._STEPS", 40)
    one = learner(matrices, names=(kind,))
    found = one.learn(parsed(kind))
    before = one.learn(parsed(kind.replace("attention", "mean")))
    assert found.penalty == before.penalty
    assert found.features.tolist() == before.features.tolist()
    assert found.validation == pytest.approx(before.validation, abs=0.05)
    mine, its = (each.scores(matrices, REST)[:, 0] for each in (found, before))
    assert np.corrcoef(mine, its)[0, 1] > 0.97

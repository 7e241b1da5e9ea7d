import numpy as np
import pytest
import scipy.sparse as sp
import torch

from corpuscope.probing.models.attention import fit_attention, tokens_of
from corpuscope.probing.models.attention_kernel import adam_step, attended
from corpuscope.probing.models.cross_validation import Fitted, TrainingSet, fitted
from corpuscope.probing.models.csr_on_disk import of_columns
from corpuscope.probing.models.float16 import in_single_precision


def world(n: int = 360, seed: int = 0, *, says_something: bool = True):  # type: ignore[no-untyped-def]
    """Of thirty tokens one is marked in its first number, and its second number tells the class."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(20, 40, size=n)
    states = rng.standard_normal((counts.sum(), 6)).astype(np.float32)
    targets = (rng.random(n) < 0.5).astype(np.float32)
    marked = np.cumsum(counts) - counts + rng.integers(20, size=n)
    states[marked, 0] = 6.0
    if says_something:
        states[marked, 1] = np.where(targets > 0, 3.0, -3.0)
    tokens = tokens_of(states.astype(np.float16), counts)
    begins = np.cumsum(counts) - counts
    means = np.add.reduceat(states, begins) / counts[:, None]
    return tokens, means, TrainingSet(targets[:, None], np.arange(n) % 3, "logistic")


def of_means(means, training_set: TrainingSet, penalty: float) -> Fitted:  # type: ignore[no-untyped-def]
    """A probe of means with this penalty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpuscope.probing.models.cross_validation.PENALTIES", (penalty,))
        return fitted(means, training_set)


def test_it_finds_the_token_that_tells_where_the_mean_hides_it() -> None:
    tokens, means, training_set = world()
    pool, out = fit_attention(
        tokens, means, training_set, before=of_means(means, training_set, 1.0), seed=0
    )
    assert training_set.validation(out) > 0.93
    assert fitted(means, training_set).validation < 0.85
    scores = pool.scores(tokens)
    assert training_set.validation(scores) > 0.95


def test_it_begins_as_the_probe_of_means() -> None:
    from corpuscope.probing.models.attention import _from_means

    tokens, means, training_set = world()
    before = of_means(means, training_set, 5.0)
    pool, _, scores = _from_means(tokens, means, training_set, before)
    expected = before.scores(means)[:, 0]
    assert np.allclose(pool.scores(tokens)[:, -1], expected, atol=0.05)  # Roughly is enough.
    assert np.allclose(pool.scores(tokens), scores, atol=0.02)


def test_its_slopes_are_those_of_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against differences of the loss, one number at a time."""
    from corpuscope.probing.models.attention import AttentionPool, _Adam, _train_round

    monkeypatch.setattr("corpuscope.probing.models.attention._DOCUMENTS", 30)

    tokens, _, training_set = world(n=30)
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal(s).astype(np.float32) / 2 for s in ((6, 2), (1,))]
    mean, scale = rng.standard_normal(6), rng.random(6) + 0.5
    pool = AttentionPool(*arrays, mean.astype(np.float32), scale.astype(np.float32))
    kept = []
    adam = _Adam(pool, 0.01, 0.0)
    adam.step = lambda *slopes: kept.append(slopes)  # type: ignore[method-assign]
    weights = np.ones((30, 1), dtype=np.float32)
    _train_round(pool, adam, tokens, np.arange(30), training_set.targets, weights, "logistic")

    def loss() -> float:
        z = pool.scores(tokens).astype(np.float64)
        return float((np.logaddexp(0, z) - z * training_set.targets).mean())

    for array, slope in zip((pool.both, pool.level), kept[0], strict=True):
        for at in np.ndindex(array.shape):
            before = array[at]
            array[at] = before + 1e-2
            above = loss()
            array[at] = before - 1e-2
            below = loss()
            array[at] = before
            assert abs((above - below) / 2e-2 - slope[at]) < 2e-3


def test_a_step_is_that_of_torch() -> None:
    rng = np.random.default_rng(0)
    array = rng.standard_normal(15).astype(np.float32)
    expected = torch.tensor(array, requires_grad=True)
    optimizer = torch.optim.Adam([expected], lr=0.01, betas=(0.9, 0.99), weight_decay=0.3)
    first, second = np.zeros_like(array), np.zeros_like(array)
    for number in range(1, 8):
        slope = rng.standard_normal(15).astype(np.float32)
        expected.grad = torch.tensor(slope)
        optimizer.step()
        adam_step(array, first, second, slope, 0.3, 0.01, (0.9, 0.99), number)
    assert np.allclose(array, expected.detach().numpy(), atol=1e-5)


def test_features_are_learned_from_as_states_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same world, its numbers as sparse rows on disk would come."""
    monkeypatch.setattr(
        "corpuscope.probing.models.attention._RATE_OF_FEATURES", 0.01
    )  # None is rare.
    tokens, _, training_set = world()
    states = np.asarray(tokens.states, dtype=np.float32)
    sparse = sp.csr_array(np.where(np.abs(states) > 1.5, states, 0))
    all_of_them = np.arange(states.shape[1])
    rows = of_columns(sparse.data.astype(np.float16), sparse.indices, np.diff(sparse.indptr),
                      wanted=all_of_them, n_columns=len(all_of_them))  # fmt: skip
    given = tokens_of(rows, tokens.counts)
    sums = np.add.reduceat(sparse.toarray(), tokens.starts)
    means = sp.csr_array(sums / tokens.counts[:, None])
    pool, out = fit_attention(
        given, means, training_set, before=of_means(means, training_set, 1.0), seed=0
    )
    assert training_set.validation(out) > 0.9
    assert training_set.validation(pool.scores(given)) > 0.93
    assert np.abs(pool.query[:, 0]).argmax() == 0  # Where to look.
    assert np.abs(pool.value[:, 0]).argmax() == 1  # What is told there.


def test_noise_is_not_learned() -> None:
    tokens, means, training_set = world(says_something=False)
    before = of_means(means, training_set, 100.0)
    _, out = fit_attention(tokens, means, training_set, before=before, seed=0)
    assert training_set.validation(out) < 0.62


def test_half_precision_is_widened_exactly() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = np.where(np.isfinite(halves), halves, 0).reshape(256, 256)
    rows = np.array([5, 255, 0, 5])
    assert np.array_equal(in_single_precision(halves, rows), halves[rows].astype(np.float32))


def test_a_document_without_tokens_is_told_nothing() -> None:
    given = np.array([[0, 2], [0, 4]], dtype=np.float32)
    every, attention = attended(given, np.array([0, 2, 2]))
    assert every.ravel().tolist() == [0, 3, 0]
    assert attention.ravel().tolist() == [0.5, 0.5]

import numpy as np

from corpuscope.statistics.rates.length_spikes import length_spikes


def lengths_of(n: int, seed: int, scale: float = 0.5) -> np.ndarray:
    """Lengths as smooth as those of real texts."""
    return np.random.default_rng(seed).lognormal(np.log(300), scale, n).astype(np.int64)


def test_by_hand() -> None:
    # The 29 lengths from 137 to 165 hold 49 texts, 21 of them at one length.
    lengths = np.array([*range(100, 200), *([150] * 20)])
    (spike,) = length_spikes(lengths, min_support=10, alpha=0.05)
    assert (spike.length, spike.n_texts, spike.expected) == (150, 21, 1.0)
    assert spike.p_value < 1e-12


def test_where_texts_were_cut_there_is_a_spike_and_nowhere_else() -> None:
    lengths = lengths_of(1000, seed=1)
    cut = np.concatenate([np.minimum(lengths[:100], 200), lengths[100:]])
    assert [spike.length for spike in length_spikes(cut, min_support=10, alpha=0.05)] == [200]


def test_where_no_other_text_is_as_short_the_cut_shows_too() -> None:
    cut = np.concatenate([np.full(25, 200), lengths_of(500, seed=3, scale=0.2) * 5])
    assert [spike.length for spike in length_spikes(cut, min_support=10, alpha=0.05)] == [200]


def test_smooth_lengths_have_none() -> None:
    reporting = [
        bool(length_spikes(lengths_of(n, seed, scale), min_support=5, alpha=0.05))
        for seed in range(100)
        for n, scale in ((300, 0.3), (3000, 0.8))
    ]
    assert np.mean(reporting) <= 0.05


def test_short_texts_are_not_judged() -> None:
    assert not length_spikes(np.full(500, 12), min_support=5, alpha=0.05)
    assert not length_spikes(np.zeros(0, dtype=np.int64), min_support=5, alpha=0.05)


def test_texts_of_a_few_lengths_were_not_cut() -> None:
    assert not length_spikes(np.repeat([91, 95, 99], [20, 50, 25]), min_support=5, alpha=0.05)
    assert not length_spikes(np.repeat(range(80, 110, 2), 20), min_support=5, alpha=0.05)

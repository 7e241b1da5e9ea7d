"""A kind of sentence is told with its rates in either group, and a p-value for each direction."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.comparison.two_groups import set_up_two_groups
from corpuscope.analyses.diff.kinds import KindDifference, kinds_of_groups
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, vocabulary, write

N, N_FEATURES = 180, 60
KIND = set(range(10))
SETTINGS = ComparisonSettings(words=False)


def made(shares: dict[str, float], n: int = N, seed: int = 0) -> list[Made]:
    """Texts of two sentences, of which in such a share of a group the second is of a kind.

    The kind has ten features of tokens, each in most of its sentences.
    """
    rng = np.random.default_rng(seed)
    documents = []
    for i in range(n):
        group = sorted(shares)[i % len(shares)]
        kind = {f for f in KIND if rng.random() < 0.7} if rng.random() < shares[group] else set()
        others = {f for f in range(10, N_FEATURES) if rng.random() < 0.15}
        peaks = dict.fromkeys(kind, 8) | {f: int(rng.integers(12)) for f in others if f < 30}
        peaks |= {f: int(rng.integers(2)) for f in others if f >= 30}
        documents.append(Made(vocabulary(rng, 14), kind | others, {"side": group}, peaks, 2))
    return documents


def kinds(setup: Setup[Groups], **options: Any) -> tuple[KindDifference, ...]:
    usual: dict[str, Any] = {"adjust": True, "settings": SETTINGS}
    names = Names(setup.source, setup.groups.rows, here=False)
    return kinds_of_groups(setup, names=names, **(usual | options))


def set_up(source: NamedStore, **options: Any) -> Setup[Groups]:
    usual: dict[str, Any] = {
        "by": "side", "target": "b", "reference": None, "pair": None, "group": None, "strata": [],
        "settings": SETTINGS,
    }  # fmt: skip
    return set_up_two_groups(source, **(usual | options))


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup[Groups]:
    """In b most have the kind, in a hardly any, in c a quarter."""
    path = tmp_path_factory.mktemp("kinds") / "a"
    shares = {"a": 0.05, "b": 0.7, "c": 0.25}
    return set_up(NamedStore(write(path, made(shares), n_features=N_FEATURES)))


@pytest.fixture(scope="module")
def both(setup: Setup[Groups]) -> tuple[KindDifference, ...]:
    return kinds(setup)


def test_the_target_s_kind_comes_first_and_is_the_planted_one(
    setup: Setup[Groups], both: tuple[KindDifference, ...]
) -> None:
    own, others = both
    assert (own.side, others.side) == ("target", "reference")
    assert own.n_documents == others.n_documents == N
    assert set(own.features) <= KIND
    assert len(own.features) == 6
    assert own.rate_target > own.rate_reference
    assert {one.side for one in own.evidence} == {"target"}
    for one in own.evidence:
        assert setup.source.column("side")[int(one.id[1:])] == "b"
        assert one.spans[0][0] > 0  # The second sentence.


def test_the_nearest_group_is_told(setup: Setup[Groups], both: tuple[KindDifference, ...]) -> None:
    own = both[0]
    has = own.learned.presence().toarray()[:, 0]
    rates = {name: has[rows].mean() for name, rows in setup.groups.sides().items()}
    assert own.against == max("ac", key=lambda name: rates[name])
    assert (own.rate_target, own.rate_reference) == pytest.approx((rates["b"], rates[own.against]))
    assert own.difference == pytest.approx(own.rate_target - own.rate_reference)
    assert own.interval[0] < own.difference < own.interval[1]
    assert own.adjusted_interval[0] < own.adjusted_difference < own.adjusted_interval[1]


def test_what_goes_the_other_way_is_no_kind_of_the_side(both: tuple[KindDifference, ...]) -> None:
    for one, sign in zip(both, (1, -1), strict=True):
        assert 0 <= one.p_value <= 1
        if np.sign(one.difference) != sign:
            assert one.p_value == 1.0


def test_against_one_group_that_has_hardly_any_it_is_sure(setup: Setup[Groups]) -> None:
    alone = set_up(setup.source, reference="a")
    own, others = kinds(alone)
    assert own.p_value < 1e-4
    assert others.p_value > 0.01
    raw, _ = kinds(alone, adjust=False)
    assert raw.p_value <= own.p_value
    assert raw.difference == own.difference
    assert raw.adjusted_difference == raw.difference


def test_intervals_are_as_wide_as_cross_fitting_makes_them(
    both: tuple[KindDifference, ...],
) -> None:
    own = both[0]
    assert own.learned.fitted.inflation >= 1
    z = norm.isf(0.025) / own.learned.fitted.inflation
    assert own.learned.sure(0.05) == pytest.approx(2 * norm.sf(z))
    assert own.learned.sure(0.0) < 1e-100
    lower, upper = np.array([0.1]), np.array([0.5])
    value, ends = own.learned.wider(np.array([0.2]), lower, upper)
    assert value == pytest.approx(0.2)
    wider = own.learned.fitted.inflation
    assert ends == pytest.approx((0.2 - 0.1 * wider, 0.2 + 0.3 * wider))


def test_too_little_data_has_no_kinds(setup: Setup[Groups]) -> None:
    few = [None if i < N - 60 else "ab"[i % 2] for i in range(N)]
    assert kinds(set_up(setup.source, by=few)) == ()
    words = ComparisonSettings(features=False)
    assert kinds(set_up(setup.source, settings=words), settings=words) == ()


def test_evidence_is_as_much_as_the_settings_say(setup: Setup[Groups]) -> None:
    own, _ = kinds(setup, settings=ComparisonSettings(words=False, evidence=2))
    assert len(own.evidence) == 2
    told = own.to_json()
    assert len(told["evidence"]) == 2
    assert told["against"] == own.against
    assert [one["feature"] for one in told["features"]] == list(own.features)

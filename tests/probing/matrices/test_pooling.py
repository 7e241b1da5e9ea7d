"""Units are pooled as a loop over the documents would pool them."""

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.errors import InputError
from corpuscope.probing.matrices.pooling import Pools, position_of, storable

N_FEATURES, WIDTH = 7, 4
Units = tuple[np.ndarray, np.ndarray, np.ndarray]


def units(n_units: Sequence[int], seed: int = 0) -> Units:
    """Documents, sides and activations of units, the latter dense."""
    rng = np.random.default_rng(seed)
    documents = np.repeat(np.arange(len(n_units)), n_units)
    sides = rng.standard_normal((len(documents), 3, WIDTH)).astype(np.float32)
    is_on = rng.random((len(documents), N_FEATURES)) < 0.4
    activations = (rng.random((len(documents), N_FEATURES)) * is_on).astype(np.float32)
    return documents, sides, activations


def pooled_in_pieces(
    n_units: Sequence[int], given: Units, *, size: int, poolings: Sequence[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Dense values and features of each pooling."""
    documents, sides, activations = given
    pools = Pools(np.array(n_units), width=WIDTH, n_features=N_FEATURES, poolings=poolings)
    for first in range(0, len(documents), size):
        own = slice(first, first + size)
        pools.add(documents[own], sides[own], sp.csr_array(activations[own]))
    found = pools.pooled()
    return {name: (one.dense, one.features.toarray()) for name, one in found.items()}


def expected_of(pooling: str, values: np.ndarray) -> np.ndarray:
    """The units of one document in one pooling."""
    if pooling == "mean":
        return np.asarray(values.mean(axis=0))
    if pooling == "max":
        return np.asarray(values.max(axis=0))
    place = -1 if pooling == "last" else int(pooling.split("=")[1])
    place = place if place >= 0 else len(values) + place
    return np.asarray(values[min(max(place, 0), len(values) - 1)])


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize("n_units", [(3, 1, 5, 2), (0, 4, 0, 0, 6, 1, 0), (1,), (12,)])
def test_each_pooling_is_that_of_the_units_of_each_document(
    n_units: tuple[int, ...], size: int
) -> None:
    poolings = ("mean", "max", "last", "position=0", "position=2", "position=-3", "position=99")
    given = units(n_units, seed=sum(n_units))
    found = pooled_in_pieces(n_units, given, size=size, poolings=poolings)
    assert tuple(found) == poolings
    for name, (dense, features) in found.items():
        assert dense.dtype == np.float16
        assert (dense.shape, features.shape) == (
            (len(n_units), 3, WIDTH),
            (len(n_units), N_FEATURES),
        )
        for row, n in enumerate(n_units):
            if not n:
                assert not dense[row].any()
                assert not features[row].any()
                continue
            own = given[0] == row
            assert dense[row] == pytest.approx(expected_of(name, given[1][own]), abs=2e-3)
            assert features[row] == pytest.approx(expected_of(name, given[2][own]), abs=1e-6)


def test_documents_of_which_no_unit_is_added_are_zeros() -> None:
    pools = Pools(np.array([2, 0, 1]), width=WIDTH, n_features=N_FEATURES, poolings=["mean", "max"])
    for one in pools.pooled().values():
        assert one.dense.tolist() == np.zeros((3, 3, WIDTH)).tolist()
        assert one.features.shape == (3, N_FEATURES)
        assert one.features.nnz == 0


def test_units_without_an_activation_count_in_means() -> None:
    given: Units = (np.zeros(4, dtype=np.int64), np.zeros((4, 3, WIDTH), dtype=np.float32),
                    np.zeros((4, N_FEATURES), dtype=np.float32))  # fmt: skip
    given[2][1, 3], given[2][2, 3], given[2][2, 6] = 1.0, 3.0, 8.0
    found = pooled_in_pieces([4], given, size=3, poolings=["mean", "max"])
    assert found["mean"][1].tolist() == [[0, 0, 0, 1.0, 0, 0, 2.0]]
    assert found["max"][1].tolist() == [[0, 0, 0, 3.0, 0, 0, 8.0]]


def test_means_of_long_documents_keep_their_precision() -> None:
    n = 20_000
    sides = np.full((n, 3, WIDTH), 0.1, dtype=np.float32)
    sides[0] = 4_000.0
    activations = np.zeros((n, N_FEATURES), dtype=np.float32)
    given: Units = (np.zeros(n, dtype=np.int64), sides, activations)
    found = pooled_in_pieces([n], given, size=1_000, poolings=["mean"])
    assert found["mean"][0] == pytest.approx(np.full((1, 3, WIDTH), 0.1 + 0.2), rel=2e-3)


@pytest.mark.parametrize(
    ("name", "place"),
    [("mean", None), ("max", None), ("last", -1), ("position=0", 0), ("position=12", 12),
     ("position=-2", -2)],
)  # fmt: skip
def test_a_pooling_says_which_unit_it_takes(name: str, place: int | None) -> None:
    assert position_of(name) == place


@pytest.mark.parametrize(
    "name", ["", "median", "position", "position=", "position=x", "position=1.5", "place=3", "MEAN"]
)
def test_unknown_poolings_are_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        position_of(name)
    assert caught.value.found == f"the pooling {name!r}"
    assert "position=N" in caught.value.expected


def test_values_are_kept_within_half_precision() -> None:
    largest = float(np.finfo(np.float16).max)
    given = np.array([0.0, -1.5, 1e9, -1e9, np.inf, -np.inf, 65504.0])
    assert storable(given).tolist() == [0.0, -1.5, largest, -largest, largest, 0.0, 65504.0]
    assert storable(given.astype(np.float32)).dtype == np.float16

import numpy as np
import pytest

from corpuscope.reader.engines.numpy_engine import NumpyEngine


def test_the_frame_has_no_states() -> None:
    engine = NumpyEngine()
    ids = np.array([[101, 2023, 2003, 102]])
    whole, inner = (engine.states(ids, [0, 2], frame) for frame in ((0, 0), (1, 1)))
    assert [states.shape for states in inner] == [(1, 2, 384)] * 2
    for one, other in zip(whole, inner, strict=True):
        assert np.array_equal(one[:, 1:-1], other)


def test_rows_are_multiplied_with_every_row_of_the_matrix() -> None:
    generator = np.random.default_rng(0)
    matrix, rows = generator.normal(size=(5, 3)), generator.normal(size=(2, 3))
    found = NumpyEngine().multiplier(matrix.astype(np.float32))(rows.astype(np.float32))
    assert found == pytest.approx(rows @ matrix.T, abs=1e-5)


def test_one_load_is_read_after_the_other() -> None:
    assert NumpyEngine().prepare(8) == 1

import numpy as np
import pytest

pytest.importorskip("openvino")

from corpuscope.reader.engines.numpy_engine import NumpyEngine
from corpuscope.reader.engines.openvino_engine import OpenVinoEngine


@pytest.mark.parametrize("layers", [[0], [1], [6, 2, 4]])
@pytest.mark.parametrize("frame", [(0, 0), (1, 0), (1, 1)])
def test_the_graph_computes_what_numpy_computes(layers: list[int], frame: tuple[int, int]) -> None:
    ids = np.array([[101, 2023, 2003, 102], [101, 7592, 2088, 102]])
    found = [states.copy() for states in OpenVinoEngine(bf16=False).states(ids, layers, frame)]
    expected = NumpyEngine().states(ids, layers, frame)
    assert [one.shape for one in found] == [one.shape for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=2e-5)


def test_as_many_calls_side_by_side_as_threads() -> None:
    assert OpenVinoEngine().prepare(3) == 3

import subprocess
import sys
import threading

import numpy as np
import pytest

from corpuscope.inference import openvino_runtime
from corpuscope.inference.openvino_runtime import multiplier, why_not

pytest.importorskip("openvino")

QUIET = """
import socket, sys
def refused(*arguments, **more):
    raise AssertionError("a connection was tried")
socket.socket.connect = refused
socket.getaddrinfo = refused
import threading
begun = []
start = threading.Thread.start
threading.Thread.start = lambda self: (begun.append(self.name), start(self))[1]
from corpuscope.inference.openvino_runtime import why_not
assert why_not() is None, why_not()
assert not [name for name in sys.modules if name.startswith("openvino_telemetry")]
assert begun == [], begun
import openvino.tools.ovc.telemetry_utils as used
assert "stub" in used.tm.__name__, used.tm
"""


def test_nothing_of_its_telemetry_is_imported_and_no_connection_is_tried() -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUIET], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_telemetry_that_was_there_before_is_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    there = object()
    monkeypatch.setitem(sys.modules, "openvino_telemetry", there)
    with openvino_runtime._without_telemetry(), pytest.raises(ImportError):
        import openvino_telemetry  # noqa: F401
    assert sys.modules["openvino_telemetry"] is there


def test_it_says_why_it_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("no such library\nand more")

    why_not.cache_clear()
    monkeypatch.setattr(openvino_runtime, "_core", broken)
    assert "no such library" in str(why_not())
    why_not.cache_clear()
    monkeypatch.undo()
    assert why_not() is None


def test_rows_are_multiplied_with_every_row_of_the_matrix() -> None:
    generator = np.random.default_rng(0)
    matrix = generator.normal(size=(5, 3)).astype(np.float32)
    multiply = multiplier(matrix, n_requests=2, bf16=False)
    for n in (4, 1, 7):
        rows = generator.normal(size=(n, 3)).astype(np.float32)
        assert multiply(rows) == pytest.approx(rows @ matrix.T, abs=1e-5)


def test_several_threads_may_multiply_at_once() -> None:
    generator = np.random.default_rng(0)
    matrix = generator.normal(size=(50, 30)).astype(np.float32)
    multiply = multiplier(matrix, n_requests=2, bf16=False)
    wrong = []

    def work(seed: int) -> None:
        rows = np.random.default_rng(seed).normal(size=(20 + seed, 30)).astype(np.float32)
        for _ in range(50):
            if not np.allclose(multiply(rows), rows @ matrix.T, atol=1e-4):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []

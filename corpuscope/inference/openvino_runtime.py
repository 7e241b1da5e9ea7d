"""OpenVINO on the processor: imported without its telemetry, one thread for each request.

OpenVINO reports its use to a server when it is imported; here its telemetry module is hidden
while that happens, so that it takes the stand-in it has for that case, which does nothing.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.errors import reason_of
from corpuscope.inference.processor import has_bf16

_TELEMETRY = "openvino_telemetry"


@cache
def openvino() -> Any:
    """The module `openvino`.

    Raises:
        ImportError: It is not installed, or cannot start on this system.
    """
    with _without_telemetry():
        import openvino

        # What ops are made with is a module of its own.
        import openvino.opset13
    return openvino


@cache
def why_not() -> str | None:
    """Why OpenVINO cannot be used here; None if it can."""
    try:
        _core()
    # A missing library, an unknown processor, a broken installation: all mean the same here.
    except Exception as error:
        return reason_of(error)
    return None


def compiled(model: Any, *, n_requests: int, bf16: bool | None = None) -> Any:
    """A graph, ready to answer several requests side by side, each with one thread.

    Args:
        model: The graph, an `openvino.Model`.
        n_requests: How many requests are answered at once.
        bf16: Whether products are computed in bfloat16; None for where the hardware does.
    """
    precision = "bf16" if (has_bf16() if bf16 is None else bf16) else "f32"
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "NUM_STREAMS": str(n_requests),
        "INFERENCE_NUM_THREADS": str(n_requests),
        # Other programs may be busy on the cores that threads would be tied to.
        "ENABLE_CPU_PINNING": "NO",
    }
    return _core().compile_model(model, "CPU", settings)


def multiplier(
    matrix: npt.NDArray[np.float32], *, n_requests: int, bf16: bool | None = None
) -> Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
    """A function from rows to `rows @ matrix.T`, which several threads may call.

    What it returns is overwritten by the next call in the same thread.
    """
    ops = openvino().opset13
    rows = ops.parameter([-1, matrix.shape[1]], np.float32)
    graph = openvino().Model([ops.matmul(rows, ops.constant(matrix), False, True)], [rows])
    requests = Requests(compiled(graph, n_requests=n_requests, bf16=bf16))
    return lambda given: requests.answer(given)[0]


class Requests:
    """The requests of a compiled graph, one for each thread that asks.

    Args:
        graph: As `compiled` returns it.
    """

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._own = threading.local()

    def answer(self, given: npt.NDArray[Any]) -> list[npt.NDArray[np.float32]]:
        """The outputs of the graph, which the thread's next call overwrites."""
        request = getattr(self._own, "request", None)
        if request is None:
            request = self._own.request = self._graph.create_infer_request()
        tensor = openvino().Tensor(np.ascontiguousarray(given), shared_memory=True)
        request.set_input_tensor(tensor)
        request.infer()
        return [one.data for one in request.output_tensors]


@cache
def _core() -> Any:
    return openvino().Core()


@contextmanager
def _without_telemetry() -> Iterator[None]:
    there = sys.modules.get(_TELEMETRY)
    # What is None there cannot be imported.
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY]
        if there is not None:
            sys.modules[_TELEMETRY] = there

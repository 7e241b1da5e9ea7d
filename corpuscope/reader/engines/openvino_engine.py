"""The built-in reader's layers as an OpenVINO graph, built from the shipped weights.

Float32 and exact by default; bfloat16 where the processor multiplies in it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.inference.openvino_runtime import Requests, compiled, multiplier, openvino
from corpuscope.inference.processor import has_bf16
from corpuscope.reader.engines.bert import EPSILON, N_HEADS, Bert
from corpuscope.reader.engines.shipped_weights import shipped_weights

Array = npt.NDArray[np.float32]
Node = Any
"""A node of a graph."""


class OpenVinoEngine:
    """Computes with one thread a request and several requests side by side.

    Args:
        bf16: Whether products are computed in bfloat16; None for where the processor does.
    """

    name = "openvino"

    def __init__(self, *, bf16: bool | None = None) -> None:
        self._bf16 = has_bf16() if bf16 is None else bf16
        self._n_requests = 1
        self._requests: dict[tuple[tuple[int, ...], tuple[int, int]], Requests] = {}
        self._lock = threading.Lock()
        model = Bert(shipped_weights())
        self.n_layers, self.width = model.n_layers, model.width

    @property
    def dtype(self) -> str:
        """What products are computed in."""
        return "bfloat16" if self._bf16 else "float32"

    def prepare(self, n_threads: int) -> int:
        """As many calls side by side as there are threads."""
        if n_threads != self._n_requests:
            self._requests.clear()
        self._n_requests = n_threads
        return n_threads

    def states(
        self, ids: npt.NDArray[np.int64], layers: Sequence[int], frame: tuple[int, int]
    ) -> list[Array]:
        """For each layer the states of texts of one length, without their frame.

        They are overwritten by the next call in the same thread.
        """
        return self._asked(tuple(layers), frame).answer(ids.astype(np.int32))

    def multiplier(self, matrix: Array) -> Callable[[Array], Array]:
        """A function from rows to `rows @ matrix.T`; its result lasts until the next call."""
        return multiplier(matrix, n_requests=self._n_requests, bf16=self._bf16)

    def _asked(self, layers: tuple[int, ...], frame: tuple[int, int]) -> Requests:
        with self._lock:
            if (layers, frame) not in self._requests:
                graph = bert_graph(shipped_weights(), layers, frame)
                ready = compiled(graph, n_requests=self._n_requests, bf16=self._bf16)
                self._requests[layers, frame] = Requests(ready)
            return self._requests[layers, frame]


def bert_graph(weights: Mapping[str, Array], layers: Sequence[int], frame: tuple[int, int]) -> Any:
    """The graph from token ids (texts x positions) to the states after these layers.

    Args:
        weights: As transformers names them.
        layers: After which layers.
        frame: How many positions before and after each text have no state.
    """
    return _Graph(weights).model(layers, frame)


class _Graph:
    """The nodes of a BERT encoder; see `bert.Bert`, which says the same in numpy."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self._ops = openvino().opset13

    def model(self, layers: Sequence[int], frame: tuple[int, int]) -> Any:
        ids = self._ops.parameter([-1, -1], np.int32, name="ids")
        states = self._first_states(ids)
        found = {0: states}
        deepest = max(layers)
        for layer in range(1, deepest):
            states = found[layer] = self._after(layer, states, states)
        inner = {layer: self._inner(states, frame) for layer, states in found.items()}
        if deepest:
            # Nobody needs the deepest states of the frame: it is only attended to.
            inner[deepest] = self._after(deepest, states, inner[deepest - 1])
        return openvino().Model([self._ops.result(inner[layer]) for layer in layers], [ids])

    def _inner(self, states: Node, frame: tuple[int, int]) -> Node:
        """The positions without those of the frame."""
        before, after = frame
        # What ends at the largest number ends where the positions do.
        end = -after if after else np.iinfo(np.int64).max
        bounds = (self._whole([number]) for number in (before, end, 1, 1))
        return self._ops.slice(states, *bounds)

    def _first_states(self, ids: Node) -> Node:
        table = self._weights
        words = self._ops.gather(
            self._constant(table["embeddings.word_embeddings.weight"]), ids, self._whole(0)
        )
        # The same for all texts: where a token stands, and that there is one text.
        places = table["embeddings.position_embeddings.weight"]
        places = places + table["embeddings.token_type_embeddings.weight"][0]
        length = self._ops.gather(self._ops.shape_of(ids), self._whole([1]), self._whole(0))
        first, step, axis = (self._whole([number]) for number in (0, 1, 0))
        own = self._ops.slice(self._constant(places), first, length, step, axis)
        return self._normalised("embeddings.LayerNorm", self._ops.add(words, own))

    def _after(self, layer: int, seen: Node, states: Node) -> Node:
        """The next states of some positions, which see all."""
        name = f"encoder.layer.{layer - 1}."
        attended = self._attended(f"{name}attention.self.", seen, states)
        attended = self._linear([f"{name}attention.output.dense"], attended)
        states = self._normalised(
            f"{name}attention.output.LayerNorm", self._ops.add(states, attended)
        )
        inner = self._linear([f"{name}intermediate.dense"], states)
        inner = self._linear([f"{name}output.dense"], self._ops.gelu(inner, "erf"))
        return self._normalised(f"{name}output.LayerNorm", self._ops.add(states, inner))

    def _attended(self, name: str, seen: Node, states: Node) -> Node:
        if states is seen:
            # One product for all three is faster than three.
            query, key, value = self._heads(name, ("query", "key", "value"), seen)
        else:
            (query,) = self._heads(name, ("query",), states)
            key, value = self._heads(name, ("key", "value"), seen)
        # It divides scores by the root of the width of a head, as BERT does.
        found = self._ops.scaled_dot_product_attention(query, key, value)
        found = self._ops.transpose(found, self._whole([0, 2, 1, 3]))
        width = len(self._weights[f"{name}query.bias"])
        return self._ops.reshape(found, self._whole([0, 0, width]), special_zero=True)

    def _heads(self, name: str, names: Sequence[str], states: Node) -> list[Node]:
        """For each name: texts x heads x positions x width of a head."""
        ops, n = self._ops, len(names)
        width = len(self._weights[f"{name}query.bias"])
        joined = self._linear([f"{name}{what}" for what in names], states)
        shape = self._whole([0, 0, n, N_HEADS, width // N_HEADS])
        split = ops.reshape(joined, shape, special_zero=True)
        turned = ops.transpose(split, self._whole([2, 0, 3, 1, 4]))
        return [ops.gather(turned, self._whole(i), self._whole(0)) for i in range(n)]

    def _linear(self, names: Sequence[str], states: Node) -> Node:
        weight = np.concatenate([self._weights[f"{name}.weight"] for name in names])
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        product = self._ops.matmul(states, self._constant(weight), False, True)
        return self._ops.add(product, self._constant(bias))

    def _normalised(self, name: str, states: Node) -> Node:
        centred = self._ops.mvn(states, self._whole([-1]), True, EPSILON, "inside_sqrt")
        scaled = self._ops.multiply(centred, self._constant(self._weights[f"{name}.weight"]))
        return self._ops.add(scaled, self._constant(self._weights[f"{name}.bias"]))

    def _constant(self, values: Array) -> Node:
        return self._ops.constant(np.ascontiguousarray(values))

    def _whole(self, numbers: int | Sequence[int]) -> Node:
        return self._ops.constant(np.array(numbers, dtype=np.int64))

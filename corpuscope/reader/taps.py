"""Hooks that take states inside a model while it runs, and stop it when all are taken."""

import threading
from collections.abc import Iterable
from typing import Any

from torch import nn

from corpuscope.reader.site_modules import module_at
from corpuscope.sites import Place, Tap
from corpuscope.tensor_shapes import BatchStates


class AllTakenError(Exception):
    """Raised inside the model once all requested states are taken, to skip the rest."""


class Request:
    """The places that one call requests, and their states so far."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.found: dict[Place, BatchStates] = {}
        self._places = frozenset(places)

    def take(self, place: Place, states: BatchStates) -> None:
        """Keep the states if they were requested."""
        if place in self._places:
            self.found[place] = states
            if len(self.found) == len(self._places):
                raise AllTakenError


class Taps(threading.local):
    """The request of the current thread's call, since several threads may share a model."""

    request: Request | None = None


class Hooks:
    """Hooks on the blocks of a model, which pass states to the current thread's request.

    Those of the residual stream are there from the beginning; those of other sites are registered
    when first requested.
    """

    def __init__(self, blocks: nn.ModuleList) -> None:
        self.taps = Taps()
        self._blocks = blocks
        self._hooked: set[Tap] = set()
        self._lock = threading.Lock()
        for number, block in enumerate(blocks, start=1):
            block.register_forward_hook(self._keep_output(number))
        blocks[0].register_forward_pre_hook(self._keep_input(0), with_kwargs=True)

    def prepare(self, places: Iterable[Place]) -> None:
        """Register the hooks of these places, once each.

        Raises:
            ReaderError: A block has no such site.
        """
        with self._lock:
            for place in places:
                if isinstance(place, Tap) and place not in self._hooked:
                    found = module_at(self._blocks[place.layer - 1], place)
                    if found.takes_input:
                        hook = self._keep_input(place)
                        found.module.register_forward_pre_hook(hook, with_kwargs=True)
                    else:
                        found.module.register_forward_hook(self._keep_output(place))
                    self._hooked.add(place)

    def _keep_output(self, place: Place) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if self.taps.request:
                states = output[0] if isinstance(output, tuple) else output
                self.taps.request.take(place, states)

        return hook

    def _keep_input(self, place: Place) -> Any:
        def hook(_module: nn.Module, args: Any, kwargs: Any) -> None:
            if self.taps.request:
                self.taps.request.take(place, args[0] if args else kwargs["hidden_states"])

        return hook

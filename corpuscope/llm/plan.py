"""What a run would ask, before anything is sent: for an estimate, and for consent."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpuscope.llm.budget import Estimate
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """What would be asked.

    Attributes:
        estimate: What it is likely to cost.
        first_requests: The first request of each purpose.
        n_characters: Characters of all requests that are not in the cache.
    """

    estimate: Estimate
    first_requests: tuple[Request, ...]
    n_characters: int

    @classmethod
    def of(cls, requests: Sequence[Request], llm: LLM) -> "Plan":
        """The plan of these requests; those answered earlier are not sent."""
        fresh = llm.unanswered(requests)
        samples: dict[str, Request] = {}
        for one in fresh:
            samples.setdefault(one.purpose, one)
        return cls(
            llm.estimate(requests),
            tuple(samples.values()),
            sum(one.n_characters for one in fresh),
        )

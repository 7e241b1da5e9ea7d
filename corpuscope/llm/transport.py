"""The narrow waist: whatever answers requests implements `Transport`."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from corpuscope.llm.request import Request

__all__ = ["Exchange", "Learning", "Transport"]


@runtime_checkable
class Exchange(Protocol):
    """Where a transport asks for leave and hands over replies; safe for threads."""

    def may_send(self, request: Request, *, thinking: int = 0, waits: bool = True) -> bool:
        """Whether the budget allows a request; to be asked each time before it is sent.

        Args:
            request: The request.
            thinking: Tokens that it may write beyond its answer.
            waits: Whether to wait for requests in the air, which may take less than they might.
        """

    def receive(self, request: Request, body: Mapping[str, Any], seconds: float) -> None:
        """Take the body of a reply, and the seconds it took; committed before this returns."""

    def give_up(self, request: Request, reason: str) -> None:
        """Take notice that a request gets no reply."""

    def drop(self, request: Request) -> None:
        """Take notice that a request is not pursued; no matter if it was settled before."""


@runtime_checkable
class Transport(Protocol):
    """Who answers requests: an endpoint, a batch folder, recorded replies, or a function."""

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the user chose, such as the model, on which answers depend."""

    def send(self, requests: Sequence[Request], exchange: Exchange) -> None:
        """Have requests answered, in any order.

        Raises:
            EndpointRefused: No further request will be answered.
            AnswersMissing: Answers come later, from elsewhere.
        """


@runtime_checkable
class Learning(Protocol):
    """A transport that learns how to ask, which is remembered from run to run."""

    @property
    def name(self) -> str:
        """What its habits are remembered by."""

    def remembered(self) -> dict[str, Any]:
        """Its habits, as JSON values."""

    def remember(self, habits: Mapping[str, Any]) -> None:
        """Take up habits of an earlier run."""

    def simplify(self) -> None:
        """Ask for the form of answers in a simpler way, since many could not be read."""

"""The narrow waist: whatever answers requests implements `Transport`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from corpuscope.llm.request import Request

__all__ = ["Learning", "MaySend", "Receive", "Transport"]

Receive = Callable[[Request, Mapping[str, Any], float], None]
"""Takes the body of a reply to a request and the seconds it took; commits it before returning."""

MaySend = Callable[..., bool]
"""Asked before a request is sent, each time, with the tokens it may think; False: do not send."""


@runtime_checkable
class Transport(Protocol):
    """Who answers requests: an endpoint, a batch file, recorded replies, or a function."""

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the user chose, such as the model, on which answers depend."""

    def send(
        self,
        requests: Sequence[Request],
        receive: Receive,
        *,
        may_send: MaySend,
        give_up: Callable[[Request, str], None],
    ) -> None:
        """Have requests answered, in any order.

        Args:
            requests: The requests.
            receive: To be called with each reply, from any thread.
            may_send: To be asked before a request is sent, each time; False if the budget is spent.
            give_up: To be called with a request that gets no reply, and the reason.

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

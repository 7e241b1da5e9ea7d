"""What a run will cost, may cost and did cost: estimate, budget and receipt."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from corpuscope.errors import InputError
from corpuscope.llm.request import CHARACTERS_PER_TOKEN, Request, Usage

__all__ = ["Budget", "Costs", "Estimate", "Ledger", "Prices", "Receipt", "Spent"]

# So many replies until the ratio of characters to tokens is taken from them.
_CALIBRATED_FROM = 10
_PER = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """The user's prices for a million tokens, in any currency.

    Attributes:
        per_million_in: Of tokens read.
        per_million_out: Of tokens written.
    """

    per_million_in: float
    per_million_out: float

    def of(self, usage: Usage) -> float:
        """What some tokens cost."""
        return (usage.n_in * self.per_million_in + usage.n_out * self.per_million_out) / _PER


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may spend; both bounds hold where both are given.

    Attributes:
        tokens: Tokens, in and out.
        money: Money, in the currency of the prices.
    """

    tokens: int | None = None
    money: float | None = None

    def check(self, prices: Prices | None) -> None:
        """Raise InputError where a budget in money has no prices, or is not positive."""
        if self.money is not None and prices is None:
            raise InputError(
                "a budget in money without prices",
                expected="the prices of a million tokens in and out",
                next_step="give --price-in and --price-out, or a budget in tokens",
            )
        for bound in (self.tokens, self.money):
            if bound is not None and not bound > 0:
                raise InputError(
                    f"a budget of {bound}", expected="more than 0", next_step="raise the budget"
                )


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls and tokens of one purpose.

    Attributes:
        n_calls: Requests that were sent, retries and repairs included.
        n_cached: Answers that were paid for earlier.
        usage: Tokens of the calls.
    """

    n_calls: int = 0
    n_cached: int = 0
    usage: Usage = field(default_factory=Usage)

    def __add__(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            self.n_calls + other.n_calls, self.n_cached + other.n_cached, self.usage + other.usage
        )


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Calls and tokens by purpose, and what they cost.

    Attributes:
        by_purpose: Calls and tokens of each purpose, answers that were paid for earlier apart.
        prices: The user's prices; None if unknown.
    """

    by_purpose: Mapping[str, Spent]
    prices: Prices | None

    @property
    def all(self) -> Spent:
        """All purposes together."""
        return sum(self.by_purpose.values(), Spent())

    @property
    def money(self) -> float | None:
        """The price; None without prices."""
        return None if self.prices is None else self.prices.of(self.all.usage)


@dataclass(frozen=True, kw_only=True)
class Estimate(Costs):
    """What requests are likely to cost, before any is sent.

    Attributes:
        most: Tokens that cannot be exceeded, without retries.
    """

    most: int


@dataclass(frozen=True, kw_only=True)
class Receipt(Costs):
    """What a run took.

    Attributes:
        estimate: What was expected; None if nothing was estimated.
        models: The models that answered, and how often.
        stopped_by_budget: Whether requests were not sent for lack of budget.
        n_not_answered: Requests by status, apart from those answered.
    """

    estimate: Estimate | None
    models: Mapping[str, int] = field(default_factory=dict)
    stopped_by_budget: bool = False
    n_not_answered: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The receipt as JSON values."""
        expected = self.estimate.all if self.estimate else None
        return {
            "calls": self.all.n_calls,
            "cached": self.all.n_cached,
            "tokens_in": self.all.usage.n_in,
            "tokens_out": self.all.usage.n_out,
            "money": self.money,
            "prices": None if self.prices is None else {
                "in": self.prices.per_million_in, "out": self.prices.per_million_out,
            },
            "estimate": None if expected is None else {
                "calls": expected.n_calls,
                "tokens_in": expected.usage.n_in,
                "tokens_out": expected.usage.n_out,
                "money": self.estimate.money if self.estimate else None,
            },
            "by_purpose": {
                name: {"calls": one.n_calls, "cached": one.n_cached,
                       "tokens_in": one.usage.n_in, "tokens_out": one.usage.n_out}
                for name, one in self.by_purpose.items()
            },
            "models": dict(self.models),
            "stopped_by_budget": self.stopped_by_budget,
            "not_answered": dict(self.n_not_answered),
        }  # fmt: skip


class Ledger:
    """Counts what is spent, and lets nothing be sent that could exceed the budget.

    Safe for threads. Before a request is sent, its upper bound is set aside; when the reply has
    come, what it took is booked in its place.
    """

    def __init__(self, budget: Budget, prices: Prices | None) -> None:
        budget.check(prices)
        self.budget, self.prices = budget, prices
        self._changed = threading.Condition()
        # By request: the most tokens that it may read, and write.
        self._set_aside: dict[int, Usage] = {}
        self.by_purpose: dict[str, Spent] = {}
        self._n_characters = self._n_tokens = self._n_replies = 0
        self._n_out: dict[str, list[int]] = {}

    def reserve(self, request: Request, *, thinking: int = 0, waits: bool = True) -> bool:
        """Set the upper bound of a request aside; False if the budget cannot allow it any more.

        A request that is sent again keeps what was set aside for it. Arguments are those of
        `Exchange.may_send`.
        """
        most = Usage(request.most_tokens - request.max_output, request.max_output + thinking)
        with self._changed:
            own = self._set_aside.pop(id(request), None)
            while not self._fits(most):
                if not self._set_aside or not waits:
                    return False
                # What is in the air is settled by other threads, or given back when they stop.
                self._changed.wait(1.0)
            self._set_aside[id(request)] = most if own is None else _larger(own, most)
        return True

    def release(self, request: Request) -> None:
        """Give back what was set aside for a request, if anything is."""
        with self._changed:
            self._set_aside.pop(id(request), None)
            self._changed.notify_all()

    def book(self, request: Request, usage: Usage, *, is_counted: bool) -> None:
        """Book what a reply took, in place of what was set aside.

        Args:
            request: The request.
            usage: What the reply took.
            is_counted: Whether the server counted the tokens itself.
        """
        with self._changed:
            self._set_aside.pop(id(request), None)
            before = self.by_purpose.get(request.purpose, Spent())
            self.by_purpose[request.purpose] = before + Spent(1, 0, usage)
            if is_counted:
                self._n_replies += 1
                self._n_characters += request.n_characters
                self._n_tokens += usage.n_in
                self._n_out.setdefault(request.purpose, []).append(usage.n_out)
            self._changed.notify_all()

    def _fits(self, most: Usage) -> bool:
        """Whether the budget allows this beside all that is spent or set aside."""
        spent = sum(self.by_purpose.values(), Spent()).usage
        whole = sum(self._set_aside.values(), spent) + most
        if self.budget.tokens is not None and whole.n_in + whole.n_out > self.budget.tokens:
            return False
        is_priced = self.budget.money is not None and self.prices is not None
        return not is_priced or self.prices.of(whole) <= self.budget.money  # type: ignore[union-attr,operator]

    def allows(self, usage: Usage) -> bool:
        """Whether the budget allows this beside what is spent or set aside."""
        with self._changed:
            return self._fits(usage)

    def book_cached(self, request: Request) -> None:
        """Book an answer that was paid for earlier."""
        with self._changed:
            before = self.by_purpose.get(request.purpose, Spent())
            self.by_purpose[request.purpose] = before + Spent(0, 1, Usage())

    def estimate(self, requests: Iterable[Request], *, known: Iterable[Request] = ()) -> Estimate:
        """What requests are likely to take; those in `known` cost nothing."""
        by_purpose: dict[str, Spent] = {}
        most = 0
        with self._changed:
            is_calibrated = self._n_replies >= _CALIBRATED_FROM and self._n_tokens
            per_token = (
                self._n_characters / self._n_tokens if is_calibrated else CHARACTERS_PER_TOKEN
            )
            for one in requests:
                written = self._n_out.get(one.purpose, [])
                # Answers are mostly a quarter of the limit, which is four times the longest.
                n_out = sum(written) / len(written) if written else one.max_output / 4
                usage = Usage(round(one.n_characters / per_token), round(n_out))
                by_purpose[one.purpose] = by_purpose.get(one.purpose, Spent()) + Spent(1, 0, usage)
                most += one.most_tokens
        for one in known:
            by_purpose[one.purpose] = by_purpose.get(one.purpose, Spent()) + Spent(0, 1, Usage())
        return Estimate(by_purpose=by_purpose, most=most, prices=self.prices)


def _larger(one: Usage, other: Usage) -> Usage:
    return Usage(max(one.n_in, other.n_in), max(one.n_out, other.n_out))

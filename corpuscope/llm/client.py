"""Asks requests: from the cache what is known, from a transport the rest, within the budget."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from corpuscope.errors import BudgetTooSmall, EndpointRefused
from corpuscope.llm.budget import Budget, Estimate, Ledger, Prices, Receipt
from corpuscope.llm.cache import Kept, ReplyCache
from corpuscope.llm.fences import fenced
from corpuscope.llm.replies import failed, is_cut, read_reply
from corpuscope.llm.request import Answer, Request, in_order
from corpuscope.llm.transport import Learning, Transport

__all__ = ["LLM"]

_FINAL = ("answered", "refused")
# A few requests get further rounds: a model may do better. What failed was tried six times.
_WORTH_ANOTHER_TRY = ("truncated", "unreadable")
_ROUNDS, _FEW, _SMALL_SHARE = 4, 5, 0.15
_WATCHED, _TOO_MANY = 10, 3
_MOST_CUT = 3


@dataclass(eq=False)
class LLM:
    """A language model, or whoever answers in its place.

    Attributes:
        transport: Who answers.
        cache: Where replies are kept.
        budget: The most that may be spent.
        prices: The user's prices of tokens; None if unknown.
    """

    transport: Transport
    cache: ReplyCache = field(default_factory=lambda: ReplyCache(None))
    budget: Budget = field(default_factory=Budget)
    prices: Prices | None = None

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.budget, self.prices)
        self._estimate: Estimate | None = None
        self._models: Counter[str] = Counter()
        self._not_answered: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._n_replies = self._n_unreadable = self._n_cut = 0

    def estimate(self, requests: Iterable[Request]) -> Estimate:
        """What these requests are likely to cost; those answered earlier cost nothing.

        The first estimate of a run is compared with the receipt.
        """
        requests = list({self.key(one): one for one in requests}.values())
        fresh = self.unanswered(requests)
        keys = {self.key(one) for one in fresh}
        found = self.ledger.estimate(
            fresh, known=[one for one in requests if self.key(one) not in keys]
        )
        self._estimate = self._estimate or found
        return found

    def ask(
        self,
        requests: Sequence[Request],
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Answer]:
        """An answer for each request, in their order, whatever became of it.

        Args:
            requests: The requests; equal ones are sent once.
            progress: Callback with the number of answers so far, and of all.

        Raises:
            EndpointRefused: No request will be answered; replies so far are kept.
            AnswersMissing: The requests were written to a file, to be answered elsewhere.
        """
        _check_installed()
        answers = dict(self._known(requests))
        for key in answers:
            self.ledger.book_cached(answers[key].request)
        fresh = {self.key(one): one for one in requests if self.key(one) not in answers}
        n_all = len(fresh) + len(answers)
        asked = fresh
        for _ in range(_ROUNDS):
            self._ask_and_repair(asked, answers, progress, n_all=n_all)
            asked = {
                key: one
                for key, one in asked.items()
                if key in answers and answers[key].status in _WORTH_ANOTHER_TRY
            }
            # Where many cannot be read, asking again would only cost more.
            is_few = len(asked) <= max(_FEW, _SMALL_SHARE * len(fresh))
            if not asked or not is_few or not isinstance(self.transport, Learning):
                break
        found = [self._of(one, answers) for one in requests]
        for answer in {self.key(one.request): one for one in found}.values():
            if answer.status == "answered":
                self._models[answer.model] += 1
            else:
                self._not_answered[answer.status] += 1
        return found

    def _ask_and_repair(
        self,
        asked: Mapping[str, Request],
        answers: dict[str, Answer],
        progress: Callable[[int, int], None] | None,
        *,
        n_all: int,
    ) -> None:
        """Ask requests, and once more with the fault named where a reply could not be read."""
        self._send(list(asked.values()), answers, progress, n_all=n_all)
        repairs = {
            key: self._repair(one, answers[key])
            for key, one in asked.items()
            if key in answers and answers[key].status == "unreadable"
        }
        mended: dict[str, Answer] = {}
        self._send(list(repairs.values()), mended, None, n_all=len(repairs))
        for key, repair in repairs.items():
            second = mended.get(self.key(repair))
            if second is not None and second.status in _FINAL:
                usage = answers[key].usage + second.usage
                answers[key] = replace(second, request=asked[key], usage=usage)

    def unanswered(self, requests: Iterable[Request]) -> list[Request]:
        """The requests without a final answer in the cache, each once."""
        by_key = {self.key(one): one for one in requests}
        known = self._known(by_key.values())
        return [one for key, one in by_key.items() if key not in known]

    def check_budget(self, requests: Sequence[Request]) -> None:
        """Raise BudgetTooSmall if the budget does not allow requests without which others are vain.

        Args:
            requests: Those requests; what is in the cache costs nothing.
        """
        fresh = self.unanswered(requests)
        needed = self.ledger.estimate(fresh).all.usage
        if fresh and not self.ledger.allows(needed):
            n_tokens = needed.n_in + needed.n_out
            raise BudgetTooSmall(
                f"{len(fresh):,} requests, without which nothing can be said, take about "
                f"{n_tokens:,} tokens, more than is left of the budget",
                expected="a budget for at least these",
                next_step="raise the budget, or ask fewer with fewer planted texts",
            )

    def receipt(self) -> Receipt:
        """What was spent so far."""
        return Receipt(
            by_purpose=dict(self.ledger.by_purpose),
            estimate=self._estimate,
            prices=self.prices,
            models=dict(self._models.most_common()),
            stopped_by_budget="not_asked" in self._not_answered,
            n_not_answered=dict(self._not_answered),
        )

    def key(self, request: Request) -> str:
        """The name of a request in the cache and in batch files."""
        return request.key(self.transport.asked)

    def _of(self, request: Request, answers: Mapping[str, Answer]) -> Answer:
        answer = answers.get(self.key(request))
        if answer is None:
            return Answer(request, "not_asked", reason="the budget is spent")
        return replace(answer, request=request)

    def _known(self, requests: Iterable[Request]) -> dict[str, Answer]:
        """Final answers that were paid for earlier, by key; repaired ones included."""
        by_key = {self.key(one): one for one in requests}
        kept = self.cache.replies(by_key)
        found: dict[str, Answer] = {}
        repairs: dict[str, str] = {}
        for key, replies in kept.items():
            last = self._last(by_key[key], replies)
            if last.status in _FINAL:
                found[key] = replace(last, from_cache=True)
            elif last.status == "unreadable":
                repair = self._repair(by_key[key], last)
                by_key[self.key(repair)] = repair
                repairs[self.key(repair)] = key
        for repaired, replies in self.cache.replies(repairs).items():
            last = self._last(by_key[repaired], replies)
            if last.status in _FINAL:
                original = repairs[repaired]
                found[original] = replace(last, request=by_key[original], from_cache=True)
        return found

    def _last(self, request: Request, replies: Sequence[Kept]) -> Answer:
        """The first final answer among the replies to a request, or the latest reply."""
        read = [read_reply(request, one.body) for one in replies]
        return next((one for one in read if one.status in _FINAL), read[-1])

    def _send(
        self,
        requests: Sequence[Request],
        answers: dict[str, Answer],
        progress: Callable[[int, int], None] | None,
        *,
        n_all: int,
    ) -> None:
        if not requests:
            return
        learning = self.transport if isinstance(self.transport, Learning) else None
        if learning is not None:
            learning.remember(self.cache.habits(learning.name))
        exchange = _Exchange(self, answers, progress, n_all)
        try:
            self.transport.send(requests, exchange)
        finally:
            for one in requests:
                exchange.drop(one)
            if learning is not None:
                self.cache.learn(learning.name, learning.remembered())

    def watch(self, answer: Answer) -> None:
        """After three unreadable replies among the first ten, ask in a simpler form."""
        with self._lock:
            self._n_replies += 1
            self._n_unreadable += answer.status == "unreadable"
            is_time = self._n_replies <= _WATCHED and self._n_unreadable == _TOO_MANY
            if is_time and answer.status == "unreadable" and isinstance(self.transport, Learning):
                self.transport.simplify()

    def stop_where_prompts_are_cut(self, answer: Answer) -> None:
        """Raise EndpointRefused at the third prompt of which the server read only a part."""
        with self._lock:
            self._n_cut += 1
            is_time = self._n_cut == _MOST_CUT
        if is_time:
            raise EndpointRefused(
                f"{answer.reason}, and two others before",
                expected="a server that reads prompts whole",
                next_step="raise its context length (OLLAMA_CONTEXT_LENGTH, --ctx-size, "
                "--max-model-len), or set fewer or shorter texts",
            )

    def _repair(self, request: Request, answer: Answer) -> Request:
        """The request again, with the reply that could not be read and what is wrong with it."""
        return replace(
            request,
            user=f"{request.user}\n\nYour reply was:\n{fenced(answer.text, request.user)}\n"
            f"It cannot be used: {fenced(answer.reason, request.user)}\n"
            "Reply again with one JSON object that fits the schema: "
            f"{in_order(request.schema.json)}",
            version=f"{request.version}+repair",
        )


@dataclass(frozen=True, eq=False)
class _Exchange:
    """One round of requests: the budget, and where their answers go."""

    llm: LLM
    answers: dict[str, Answer]
    progress: Callable[[int, int], None] | None
    n_all: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def may_send(self, request: Request, *, thinking: int = 0, waits: bool = True) -> bool:
        return self.llm.ledger.reserve(request, thinking=thinking, waits=waits)

    def receive(self, request: Request, body: Mapping[str, Any], seconds: float) -> None:
        # Kept before it is read: a reply that cannot be read was paid for, too.
        self.llm.cache.keep(
            self.llm.key(request), body, purpose=request.purpose, seconds=seconds, at=time.time()
        )
        answer = read_reply(request, body)
        self.llm.ledger.book(request, answer.usage, is_counted=bool(body.get("usage")))
        self.llm.watch(answer)
        self._settle(request, answer)
        if is_cut(request, body):
            self.llm.stop_where_prompts_are_cut(answer)

    def give_up(self, request: Request, reason: str) -> None:
        self.llm.ledger.release(request)
        self._settle(request, failed(request, reason))

    def drop(self, request: Request) -> None:
        self.llm.ledger.release(request)

    def _settle(self, request: Request, answer: Answer) -> None:
        with self.lock:
            self.answers[self.llm.key(request)] = answer
            if self.progress is not None:
                self.progress(len(self.answers), self.n_all)


def _check_installed() -> None:
    """Raise EndpointRefused where answers could not be validated, before any is paid for."""
    if find_spec("jsonschema") is None:
        raise EndpointRefused(
            "the package jsonschema is not installed",
            expected="the extra for language models",
            next_step="pip install 'corpuscope[llm]'",
        )

"""An endpoint that speaks Chat Completions: OpenAI's, a router's, or a local server's.

What an endpoint refuses (a parameter, a form of schema) is learned once and remembered. Faults that
may pass are retried; a wrong key, an unknown model or spent credit stops the run at once.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from corpuscope.errors import EndpointRefused
from corpuscope.llm.faults import Fault, body_of, fault_of, filtered_reply, is_all_thinking
from corpuscope.llm.habits import Habits
from corpuscope.llm.pace import Pace, wait_after
from corpuscope.llm.replies import error_in_words
from corpuscope.llm.request import Request
from corpuscope.llm.transport import Exchange

__all__ = ["Endpoint"]

_LOCAL = {"localhost", "0.0.0.0"}
_MOST_TRIES, _MOST_SECONDS, _MOST_FAULTS_RUNNING = 6, 600.0, 20
_PASSING = {408, 409, 425, 429}
_FINAL = {401, 402, 403, 404}
# A server that has not answered at all is given up sooner.
_FIRST_FAULTS = 3
_OPENAI = "https://api.openai.com/v1"
_THINKING = 4096
_SPENT = "insufficient_quota"
_CROWDED = {429, 503}
_LOADING = 503


@dataclass(eq=False)
class Endpoint:
    """A model behind an address.

    Attributes:
        model: The name of the model.
        base_url: The address; by default that of `OPENAI_BASE_URL`, or OpenAI's.
        api_key: The key; by default that of `OPENAI_API_KEY`. Local servers need none.
        concurrency: The largest number of requests in the air; by default 16, local 4.
        thinking_tokens: Tokens allowed for thinking, beyond the answer.
        extra_body: Further parameters, such as switches for thinking.
        timeout: Seconds until a request is given up.
    """

    model: str
    base_url: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    concurrency: int | None = None
    thinking_tokens: int = 0
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 120.0

    def __post_init__(self) -> None:
        self.base_url = self.base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI
        self.habits = Habits(thinking=self.thinking_tokens)
        self._lock = threading.Lock()
        self._client: Any = None
        self.has_answered = False
        if not urlsplit(self.base_url).hostname:
            raise EndpointRefused(
                f"the address {self.base_url!r}",
                expected="an address with a host, such as http://localhost:11434/v1",
                next_step="correct it",
            )

    @property
    def host(self) -> str:
        """The host, without user and password."""
        return urlsplit(self.base_url or "").hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether texts stay on this machine; a private network is not this machine."""
        return self.host in _LOCAL or _is_loopback(self.host)

    @property
    def name(self) -> str:
        """What habits are remembered by: the address without user and password, and the model."""
        parts = urlsplit(self.base_url or "")
        return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}{parts.path} {self.model}"

    @property
    def asked(self) -> dict[str, Any]:
        """What the user chose, on which answers depend.

        What was learned of the endpoint is no part of it: a later run must find what was paid for.
        """
        found: dict[str, Any] = {"kind": "chat completions", "model": self.model}
        if self.thinking_tokens:
            found["thinking_tokens"] = self.thinking_tokens
        if self.extra_body:
            found["extra_body"] = dict(self.extra_body)
        return found

    @property
    def form(self) -> str:
        """How the form of answers is asked for now: by schema, as JSON, or in words only."""
        return self.habits.form_name

    def send(self, requests: Sequence[Request], exchange: Exchange) -> None:
        """Send requests side by side; see `Transport.send`.

        Raises:
            EndpointRefused: It will not answer any request.
        """
        workers = self.concurrency or (4 if self.is_local else 16)
        run = _Run(self, Pace(workers), exchange)
        with ThreadPoolExecutor(workers) as pool:
            try:
                list(pool.map(run.ask, requests))
            except BaseException:
                run.stopped.set()
                raise
        if run.stop is not None:
            raise run.stop

    def parameters(self, request: Request, habits: Habits) -> dict[str, Any]:
        """The parameters of the call."""
        found = {"model": self.model, "messages": request.messages, **habits.parameters(request)}
        return found | ({"extra_body": dict(self.extra_body)} if self.extra_body else {})

    def learn(self, before: Habits, learned: Habits) -> None:
        """Take what was learned, unless another thread has learned something meanwhile."""
        with self._lock:
            if self.habits == before:
                self.habits = learned

    def remembered(self) -> dict[str, Any]:
        """What was learned, as JSON values."""
        return self.habits.to_json()

    def remember(self, habits: Mapping[str, Any]) -> None:
        """Take up what an earlier run learned."""
        self.habits = Habits.of(habits, thinking=self.thinking_tokens)

    def simplify(self) -> None:
        """Go down the ladder of forms: schema, JSON, plain."""
        with self._lock:
            self.habits = self.habits.simpler() or self.habits

    def client(self) -> Any:
        """The client, made on first use.

        Raises:
            EndpointRefused: The package `openai` is missing, or there is no key.
        """
        with self._lock:
            if self._client is None:
                self._client = self._made_client()
            return self._client

    def _made_client(self) -> Any:
        try:
            from openai import OpenAI
        except ImportError as error:
            raise EndpointRefused(
                "the package openai is not installed",
                expected="the extra for language models",
                next_step="pip install 'corpuscope[llm]', or use --llm-batch",
            ) from error
        # A key that is not meant for it is not sent to a local server.
        key = self.api_key or ("none" if self.is_local else os.environ.get("OPENAI_API_KEY", ""))
        if not key:
            raise EndpointRefused(
                f"no key for {self.host}",
                expected="a key in OPENAI_API_KEY",
                next_step="set it, or name a local server with --llm-url",
            )
        # Retries are ours: those of the library are hidden from the bill.
        return OpenAI(base_url=self.base_url, api_key=key, max_retries=0, timeout=self.timeout)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(eq=False)
class _Run:
    """One batch of requests to an endpoint; shared by its threads."""

    endpoint: Endpoint
    pace: Pace
    exchange: Exchange
    stop: EndpointRefused | None = None
    n_faults_running: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, request: Request) -> None:
        """Send one request until it is answered, or given up."""
        try:
            self._ask(request)
        except BaseException:
            # A reply that cannot be kept, or an interruption: nothing more is sent.
            self.stopped.set()
            raise
        finally:
            # Others may be waiting for what was set aside for it.
            self.exchange.drop(request)

    def _ask(self, request: Request) -> None:
        begun, n_faults = time.monotonic(), 0
        while not self.stopped.is_set():
            habits = self.endpoint.habits
            if not self.exchange.may_send(request, thinking=habits.thinking):
                return
            with self.pace.slot():
                if self.stopped.is_set():
                    return
                outcome = self._sent(request, habits)
            if outcome is None:
                return
            if outcome.is_learned:
                continue
            n_faults += 1
            wait = wait_after(n_faults, outcome.headers)
            is_too_long = time.monotonic() - begun + wait > _MOST_SECONDS
            # A model that is being loaded is waited for.
            is_tired = n_faults >= _MOST_TRIES and outcome.status != _LOADING
            if not outcome.may_pass or is_tired or is_too_long:
                self.exchange.give_up(request, outcome.reason)
                return
            self.stopped.wait(wait)

    def _sent(self, request: Request, habits: Habits) -> Fault | None:
        """None if a reply was received, which may be one that cannot be read."""
        client, begun = self.endpoint.client(), time.monotonic()
        import openai

        try:
            raw = client.chat.completions.with_raw_response.create(
                **self.endpoint.parameters(request, habits)
            )
            body = body_of(raw)
        except openai.APIStatusError as error:
            filtered = filtered_reply(error)
            if filtered is None:
                return self._refused(error, habits)
            body = filtered
        except (openai.APIConnectionError, openai.APITimeoutError, ValueError) as error:
            self.pace.crowded()
            self._count_fault(str(error))
            if not self.endpoint.has_answered and self.n_faults_running >= _FIRST_FAULTS:
                self._end(
                    f"no answer from {self.endpoint.host} ({error})",
                    expected=f"a server at {self.endpoint.host} that speaks Chat Completions",
                )
            return Fault(f"{type(error).__name__}: {error}", may_pass=True)
        if body.get("error") and not body.get("choices"):
            fault = error_in_words(body["error"])
            self._count_fault(fault)
            return Fault(fault, may_pass=True)
        self.n_faults_running = 0
        self.endpoint.has_answered = True
        self.pace.clean()
        self.exchange.receive(request, body, time.monotonic() - begun)
        if is_all_thinking(body) and not habits.thinking:
            # Paid for and kept, but no answer: asked once more with room for thinking.
            self.endpoint.learn(habits, replace(habits, thinking=_THINKING))
            return Fault("all of the reply was thinking", is_learned=True)
        return None

    def _refused(self, error: Any, habits: Habits) -> Fault:
        status, fault = error.status_code, fault_of(error)
        if status in (400, 422):
            learned = habits.after(fault)
            if learned is not None:
                self.endpoint.learn(habits, learned)
            else:
                self._count_fault(fault)
            return Fault(fault, is_learned=learned is not None)
        if status in _FINAL or (status == 429 and _SPENT in fault):
            self._end(
                f"{self.endpoint.host} answered {status}: {fault}",
                expected="a valid key, a known model and credit",
            )
            return Fault(fault)
        if status in _CROWDED:
            # It works, and asks for patience: no sign that it is broken.
            self.pace.crowded()
        else:
            self._count_fault(fault)
        may_pass = status in _PASSING or status >= 500
        headers = dict(error.response.headers)
        return Fault(fault, may_pass=may_pass, headers=headers, status=status)

    def _count_fault(self, fault: str) -> None:
        self.n_faults_running += 1
        if self.n_faults_running >= _MOST_FAULTS_RUNNING:
            self._end(
                f"{_MOST_FAULTS_RUNNING} faults running from {self.endpoint.host}; last: {fault}",
                expected="a server that answers",
            )

    def _end(self, found: str, *, expected: str) -> None:
        self.stop = self.stop or EndpointRefused(
            found, expected=expected,
            next_step="mend that and run the same command again; answers so far are kept",
        )  # fmt: skip
        self.stopped.set()

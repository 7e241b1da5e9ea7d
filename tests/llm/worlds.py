"""A server that speaks Chat Completions over real sockets, with the faults of real ones."""

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, choice, text

SCHEMA = Schema("verdict", {"why": text(), "verdict": choice(["yes", "no", "unclear"])})

Response = tuple[int, Any, Mapping[str, str]]
"""Status, body and headers; a body of None drops the connection."""

Behaviour = Callable[[dict[str, Any], int], Response]
"""From the request and the number of the call (from 0) to the response."""


def request(number: int = 0, **changes: Any) -> Request:
    """A request whose right answer is "yes" for even numbers."""
    return Request(
        **{
            "purpose": "verify", "system": "You judge.", "user": f"Is {number} even?",
            "schema": SCHEMA, "version": "1", "max_output": 100, "tag": str(number),
        } | changes
    )  # fmt: skip


def verdict(number: int) -> str:
    """The right answer, as JSON."""
    return json.dumps({"why": "parity", "verdict": "no" if number % 2 else "yes"})


def completion(content: str | None, **changes: Any) -> dict[str, Any]:
    """The body of a reply with this content; message, finish reason and others can be changed."""
    message = {"role": "assistant", "content": content} | changes.pop("message", {})
    finish = changes.pop("finish_reason", "stop")
    return {
        "model": "tiny-1",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 12},
    } | changes


def number_in(body: Mapping[str, Any]) -> int:
    """The number that a request is about."""
    return int(body["messages"][-1]["content"].split("Is ")[1].split(" ")[0])


def right(body: dict[str, Any], _call: int) -> Response:
    """The right answer, always."""
    return 200, completion(verdict(number_in(body))), {}


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as servers word it."""
    return status, {"error": {"message": message}}, headers or {}


def faulty(seed: int, share: float = 0.3) -> Behaviour:
    """The right answer, but for a share of calls that fail in one of the usual ways."""
    draw = random.Random(seed)
    lock = threading.Lock()

    def behave(body: dict[str, Any], _call: int) -> Response:
        right_one = verdict(number_in(body))
        with lock:
            fails, kind = draw.random() < share, draw.randrange(10)
        if not fails:
            return 200, completion(right_one), {}
        return (
            error(429, "slow down", {"Retry-After": "0.01"}),
            error(500, "oops"),
            error(503, "loading model"),
            (200, None, {}),
            (200, completion(""), {}),
            (200, completion(None, message={"reasoning": right_one}), {}),
            (200, completion(right_one[:9], finish_reason="length"), {}),
            (200, completion(f"```json\n{right_one}\n```"), {}),
            (200, completion("I would say yes."), {}),
            (200, {"error": {"message": "inner"}}, {}),
        )[kind]

    return behave


@contextmanager
def serving(behaviour: Behaviour) -> Iterator["Server"]:
    """A server with this behaviour, at an address of its own."""
    server = Server(behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Server(ThreadingHTTPServer):
    """Counts its calls and keeps their bodies."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def n_calls(self) -> int:
        """How many calls came in."""
        return len(self.bodies)

    def answer(self, body: dict[str, Any], key: str) -> Response:
        """The response to a call."""
        with self._lock:
            call = len(self.bodies)
            self.bodies.append(body)
            self.keys.append(key)
        return self.behaviour(body, call)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer, headers = self.server.answer(body, self.headers.get("Authorization", ""))
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        written = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | dict(headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

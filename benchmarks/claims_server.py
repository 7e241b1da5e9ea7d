"""Claims by a server that fails: `python -m benchmarks.claims_server`.

A server on a socket answers as a reader who goes by words. Once it never fails, once three calls in
ten fail in one of the usual ways; once the command is killed at twenty moments and run again. What
is claimed must be the same to the byte, the bill apart.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import corpuscope as cs
from benchmarks.results import record, table
from corpuscope.claiming.judging.questions import Question
from corpuscope.llm.client import LLM
from corpuscope.llm.endpoint import Endpoint
from corpuscope.llm.request import Request
from tests.claiming.worlds import Reader, behaviour, store
from tests.llm.worlds import Behaviour, Response, Server, completion, error, serving

_ASKED = ("--by", "model", "--target", "new", "--pair", "prompt", "--llm", "reader", "--json")
_SHARE, _KILLS, _PAUSE = 0.3, 20, 0.004
_PILOT, _LEFT = 20, 120


def failing(right: Behaviour, seed: int) -> Behaviour:
    """Right answers, but for a share of calls that fail in one of the usual ways."""
    draw, lock = random.Random(seed), threading.Lock()

    def answer(body: dict[str, Any], call: int) -> Response:
        with lock:
            fails, kind = draw.random() < _SHARE, draw.randrange(11)
        good = right(body, call)
        if not fails:
            return good
        content = good[1]["choices"][0]["message"]["content"]
        return (
            error(429, "slow down", {"Retry-After": "0.01"}),
            error(429, "slow down"),
            error(500, "oops"),
            error(503, "loading model"),
            (200, None, {}),
            (200, completion(""), {}),
            (200, completion(None, message={"reasoning": content}), {}),
            (200, completion(content[:20], finish_reason="length"), {}),
            (200, completion(f"```json\n{content}\n```"), {}),
            (200, completion("I would rather not say."), {}),
            (200, {"error": {"message": "inner"}}, {}),
        )[kind]

    return answer


def slow(right: Behaviour) -> Behaviour:
    """Answers after a while, so that a kill meets calls in the air."""

    def answer(body: dict[str, Any], call: int) -> Response:
        time.sleep(_PAUSE)
        return right(body, call)

    return answer


def command(scope: Path, server: Server, cache: Path, *more: str) -> list[str]:
    """The command line of a run."""
    return [
        sys.executable, "-m", "corpuscope", "claims", str(scope), *_ASKED, "--llm-url", server.url,
        "--llm-cache", str(cache), *more,
    ]  # fmt: skip


def run(*arguments: Any) -> dict[str, Any]:
    """The answer of a run that must succeed."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def without_bill(found: dict[str, Any]) -> str:
    """All that was found, as bytes to compare."""
    return json.dumps(found | {"receipt": None})


def killed(scope: Path, folder: Path, clean: str, usual: Counter[str]) -> list[tuple[object, ...]]:
    """Kill a run at random moments, each time go on with the same cache."""
    rng = random.Random(0)
    cache = folder / "killed.sqlite"
    in_the_air = 0
    with serving(slow(behaviour(Reader()))) as server:
        for _ in range(_KILLS):
            begun = server.n_calls
            started = subprocess.Popen(
                command(scope, server, cache), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            wanted = begun + rng.randrange(1, 30)
            while server.n_calls < wanted and started.poll() is None:
                time.sleep(0.001)
            os.kill(started.pid, signal.SIGKILL)
            started.wait()
            in_the_air += 4  # What a local server is sent at once, at most.
        found = run(scope, server, cache)
        asked = Counter(json.dumps(body["messages"]) for body in server.bodies)
    # Some are asked twice by design: whether a judge says the same again.
    twice = sum(n - usual[messages] for messages, n in asked.items())
    same = "the same bytes" if without_bill(found) == clean else "OTHER BYTES"
    return [
        (f"killed at {_KILLS} moments, then run again", same,
         f"{twice} answers asked for twice, at most {in_the_air} in the air"),
    ]  # fmt: skip


def calibrated(scope: Path, server: Server) -> tuple[object, ...]:
    """An estimate of what is left after a part of the requests, beside what that took."""
    first = LLM(Endpoint("reader", server.url))
    settings = cs.ClaimSettings(checks=False)
    cs.claims(
        cs.open_store(scope), by="model", target="new", pair="prompt", llm=first, settings=settings
    )
    bodies = server.bodies[-_LEFT:]
    requests = [_again(body, number) for number, body in enumerate(bodies)]
    first.ask(requests[:_PILOT])
    expected = first.ledger.estimate(requests[_PILOT:]).all.usage
    before = first.receipt().all.usage
    first.ask(requests[_PILOT:])
    after = first.receipt().all.usage
    took = (after.n_in - before.n_in, after.n_out - before.n_out)
    off = [
        have / want - 1 for have, want in zip(took, (expected.n_in, expected.n_out), strict=True)
    ]
    told = "in {:+.0%}, out {:+.0%}".format(*off)
    return f"the same after {_PILOT} replies of {_LEFT}", told, ""


def _again(body: dict[str, Any], number: int) -> Request:
    """A request that was sent, as a new one."""
    n = body["messages"][1]["content"].split("The statements:\n")[1].count("\n") - 1
    one = Question("pilot", ("", ""), ("",) * max(n, 1)).request()
    return replace(
        one, user=body["messages"][1]["content"], system=one.system, repetition=number + 1
    )


def spending(scope: Path, folder: Path) -> list[tuple[object, ...]]:
    """What a budget, a wrong key and a second run cost."""
    rows: list[tuple[object, ...]] = []
    with serving(behaviour(Reader())) as server:
        first = run(scope, server, folder / "second.sqlite")
        before = server.n_calls
        run(scope, server, folder / "second.sqlite")
        rows.append(("second identical run", f"{server.n_calls - before} calls", ""))
        bill, expected = first["receipt"], first["receipt"]["estimate"]
        off = [bill[name] / expected[name] - 1 for name in ("calls", "tokens_in", "tokens_out")]
        told = "calls {:+.0%}, in {:+.0%}, out {:+.0%}".format(*off)
        rows.append(("estimate beside the receipt", told, "made before the first reply"))
        rows.append(calibrated(scope, server))
        for share in (0.9, 0.5, 0.3):
            budget = int(share * (bill["tokens_in"] + bill["tokens_out"]))
            cut = run(scope, server, folder / f"{share}.sqlite", "--budget-tokens", str(budget))
            spent = cut["receipt"]["tokens_in"] + cut["receipt"]["tokens_out"]
            words = sorted({one["outcome"] for one in cut["claims"]})
            told = f"{', '.join(words)}; told: {cut['receipt']['stopped_by_budget']}"
            rows.append((f"budget of {share:.0%} of that", f"{spent / budget:.0%} spent", told))
    with serving(lambda _body, _call: error(401, "no such key")) as server:
        begun = time.perf_counter()
        done = subprocess.run(command(scope, server, folder / "401.sqlite"), capture_output=True)
        seconds = time.perf_counter() - begun
        told = f"{server.n_calls} calls, exit {done.returncode}"
        rows.append(("always 401", told, f"{seconds:.1f} s"))
    return rows


def main() -> None:
    """Record all of it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        scope = store(folder / "made.scope").path
        with serving(behaviour(Reader())) as server:
            clean = without_bill(run(scope, server, folder / "clean.sqlite"))
            usual = Counter(json.dumps(body["messages"]) for body in server.bodies)
        rows: list[tuple[object, ...]] = []
        for seed in range(3):
            with serving(failing(behaviour(Reader()), seed)) as server:
                found = run(scope, server, folder / f"faulty-{seed}.sqlite")
                same = "the same bytes" if without_bill(found) == clean else "OTHER BYTES"
                n = found["receipt"]["calls"]
                told = f"{server.n_calls} calls, {n} of them with a reply that was booked"
                rows.append((f"{_SHARE:.0%} of calls fail, seed {seed}", same, told))
        rows += killed(scope, folder, clean, usual)
        rows += spending(scope, folder)
    record("Claims by a server that fails", table(("world", "result", "more"), rows))


if __name__ == "__main__":
    main()

"""Engines of the built-in reader beside each other: `python -m benchmarks.engines [PART ...]`.

- `speed`: whole extractions by turns, each in a process of its own, two threads each.
- `strengths`: states, and strengths that cross a presence threshold, against torch in float32.
- `findings`: the demo's, and those of 1,000 answers of models, by engine.
- `demo`: seconds from the installed package to the demo's first finding.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import record, table
from corpuscope.corpus.document import Document
from corpuscope.inference.processor import has_bf16
from corpuscope.reader.engines.choose import reader_for
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.read import ReadingPlan, read_documents

ENGINES = ("torch", "openvino", "numpy")
N_SPEED, N_TURNS = 40, 3
N_ANSWERS = 1_000
N_STATES = 20
# Of each weight of the encoders 2 for each product, of each of 6 layers 12 times the width squared.
FLOPS_OF_LAYERS = 6 * 12 * 384**2 * 2
FLOPS_OF_FEATURES = 2 * 384 * 8192

_SCRIPT = """
import itertools, json, sys, tempfile, time
import corpuscope as cs
import corpuscope.reader.threads as threads
threads.free_cores = lambda *, seconds=0.2: 2
import corpuscope.reader.engines.array_reader as reader
reader.free_cores = threads.free_cores
from benchmarks.engines import answers
engine, n = sys.argv[1], int(sys.argv[2])
# What is loaded once is no part of the speed.
cs.extract(answers(5), into=tempfile.mkdtemp() + "/warm", engine=engine)
seen, corpus = [], cs.read_corpus(answers(n))
begun, worked = time.perf_counter(), time.process_time()
cs.extract(corpus, into=tempfile.mkdtemp() + "/s", engine=engine, progress=seen.append)
seconds, worked = time.perf_counter() - begun, time.process_time() - worked
print(json.dumps([seen[-1].n_tokens, seconds, worked]))
"""


def answers(n: int) -> list[dict[str, str]]:
    """Answers of models to prompts, of two models by turns."""
    found = (row for row in rows("alpaca_eval/responses.jsonl.gz") if row["response"].strip())
    return [
        {"id": row["id"], "text": row["response"], "model": "two" if number % 2 else "one"}
        for number, row in enumerate(itertools.islice(found, n))
    ]


def speed() -> None:
    """Tokens a second of whole extractions, by turns."""
    load = os.getloadavg()[0]
    runs: dict[str, list[tuple[int, float, float]]] = {name: [] for name in ENGINES}
    for turn in range(N_TURNS):
        for name in ENGINES[:2] if turn % 2 else ENGINES[1::-1]:
            runs[name].append(_whole(name))
    runs["numpy"].append(_whole("numpy"))
    seconds = {name: statistics.median(one[1] for one in found) for name, found in runs.items()}
    n_tokens = runs["torch"][0][0]
    body = [
        [
            name,
            len(found),
            f"{n_tokens / seconds[name]:,.0f}",
            f"{min(n_tokens / one[1] for one in found):,.0f} to "
            f"{max(n_tokens / one[1] for one in found):,.0f}",
            f"{1e3 * statistics.median(one[2] for one in found) / n_tokens:.2f}",
            f"{seconds['torch'] / seconds[name]:.2f}",
        ]
        for name, found in runs.items()
    ]
    peak = _peak()
    floor = peak * 1e9 / (FLOPS_OF_LAYERS * 1.1 + FLOPS_OF_FEATURES)
    lines = [
        f"{N_SPEED} answers of models, {n_tokens:,} counted tokens; whole `extract` with two "
        "threads, from the corpus to the finished store, in a process that has loaded everything "
        f"before. Products of matrices reach {peak:.0f} billion operations a second here (the "
        "best of numpy's and OpenVINO's, with two threads); a reader that did nothing else would "
        f"read {floor:,.0f} tokens a second. Load of the machine before: {load:.1f}; what else "
        "runs makes all figures smaller.",
        "",
        *table(
            ["engine", "turns", "tokens a second", "least to most", "CPU ms a token", "torch = 1"],
            body,
        ),
    ]
    record("Engines: whole extractions by turns", lines)


def _whole(engine: str) -> tuple[int, float, float]:
    n = N_SPEED if engine != "numpy" else N_SPEED // 3
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, engine, str(n)],
        env=os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    n_tokens, seconds, worked = json.loads(done.stdout.splitlines()[-1])
    if engine == "numpy":
        whole = N_TOKENS.get("all", n_tokens)
        return whole, seconds * whole / n_tokens, worked * whole / n_tokens
    N_TOKENS["all"] = n_tokens
    return n_tokens, seconds, worked


N_TOKENS: dict[str, int] = {}


def _peak() -> float:
    """Billions of operations a second in products of the reader's shape."""
    from corpuscope.inference.openvino_runtime import multiplier
    from corpuscope.workers import Workers

    generator = np.random.default_rng(0)
    left, right = (generator.normal(size=(n, 384)).astype(np.float32) for n in (2048, 1536))
    multiply, workers = multiplier(right, n_requests=2, bf16=False), Workers(2)
    ways: list[Callable[[], object]] = [
        lambda: [left @ right.T for _ in range(2)],
        lambda: workers.each(multiply, [left, left]),
    ]
    times = []
    for way in ways:
        for _ in range(8):
            begun = time.perf_counter()
            way()
            times.append(time.perf_counter() - begun)
    return 2 * 2 * 2048 * 1536 * 384 / min(times) / 1e9


def strengths() -> None:
    """Errors of states, and strengths on the other side of their presence threshold."""
    dictionary = cs.load_dictionary()
    chosen = answers(N_STATES)
    documents = [Document(row["id"], row["text"], {}) for row in chosen]
    plan = ReadingPlan((4,), (4, 6))
    exact = cs.load_reader(device="cpu", dtype="float32")
    readers: dict[str, Any] = {"torch, float32": exact}
    # Elsewhere it is emulated, which takes minutes.
    if has_bf16():
        readers["torch, bfloat16"] = cs.load_reader(device="cpu", dtype="bfloat16")
    readers |= {f"{name}, float32": reader_for(BUILTIN_READER, engine=name) for name in ENGINES[1:]}
    true_states, expected, body = None, None, []
    for name, reader in readers.items():
        if name.startswith("numpy"):
            continue
        stretches = list(read_documents(documents, reader, plan))
        states = [
            np.concatenate([_array(each.states[layer]) for each in units])
            for units, layer in (
                ([one.tokens for one in stretches], 4),
                ([one.sentences for one in stretches], 6),
            )
        ]
        with tempfile.TemporaryDirectory() as folder:
            store = cs.extract(chosen, into=Path(folder) / "s", reader=reader)
            present = store.strengths().to_csr().toarray() > dictionary.thresholds
        if true_states is None or expected is None:
            true_states, expected = states, present
        errors = [float(np.abs(a - b).max()) for a, b in zip(states, true_states, strict=True)]
        crossed = int((present != expected).sum())
        share = f"{crossed:,} of {int(expected.sum()):,} ({crossed / expected.sum():.2%})"
        body.append([name, f"{errors[0]:.2g}", f"{errors[1]:.2g}", share])
    columns = ["engine", "largest error, layer 4", "sentences, layer 6", "present or absent"]
    columns[-1] = "cross their threshold"
    lines = [
        "Against torch in float32 with the published weights; OpenVINO has the shipped ones, of "
        f"16 bits. States of {N_STATES} answers of models, whose numbers reach about "
        f"{float(np.abs(true_states[0]).max()):.0f}"
        if true_states
        else "",
        ", and their strengths.",
    ]
    record("Engines: states and strengths", ["".join(lines), "", *table(columns, body)])


def _array(states: Any) -> npt.NDArray[np.float32]:
    return states if isinstance(states, np.ndarray) else states.float().numpy()


def findings() -> None:
    """What `diff` finds in stores of each engine."""
    body = []
    for name, corpus, asked in (
        ("demo", cs.demo_corpus(), {"by": "version", "target": "v2", "pair": "question_id"}),
        (f"{N_ANSWERS:,} answers", _compared(), {"by": "model", "target": "two",
                                                 "pair": "prompt_id"}),
    ):  # fmt: skip
        found = {}
        for engine in ENGINES[:2]:
            with tempfile.TemporaryDirectory() as folder:
                store = cs.extract(corpus, into=Path(folder) / "s", engine=engine)
                found[engine] = cs.diff(store, **asked)
        labels = {engine: [one.label for one in each.findings] for engine, each in found.items()}
        one, other = (set(labels[engine]) for engine in ENGINES[:2])
        counts = [_counts(found[engine]) for engine in ENGINES[:2]]
        moved = [
            f"{label}: {counts[0][label]} -> {counts[1][label]}"
            for label in labels["torch"] if label in other and counts[0][label] != counts[1][label]
        ]  # fmt: skip
        body.append([name, len(labels["torch"]), len(labels["openvino"]), len(one & other),
                     "; ".join(sorted(one ^ other)) or "none", len(moved),
                     "; ".join(moved[:4])])  # fmt: skip
    record(
        "Engines: findings",
        ["Findings of `diff` in stores that torch (float32) and OpenVINO (float32) read. Counts: "
         "documents of target and reference in which a finding is present.", "",
         *table(["corpus", "torch", "openvino", "in both", "in one alone", "other counts", "which"],
                body)],
    )  # fmt: skip


def _compared() -> list[dict[str, str]]:
    """Answers of two models to the same prompts."""
    by_prompt: dict[str, list[dict[str, Any]]] = {}
    for row in rows("alpaca_eval/responses.jsonl.gz"):
        if row["response"].strip():
            by_prompt.setdefault(row["prompt_id"], []).append(row)
    pairs = [each[:2] for each in by_prompt.values() if len(each) > 1][: N_ANSWERS // 2]
    return [
        {"id": row["id"], "text": row["response"], "prompt_id": row["prompt_id"],
         "model": "two" if number else "one"}
        for pair in pairs for number, row in enumerate(pair)
    ]  # fmt: skip


def _counts(found: Any) -> dict[str, tuple[int, ...]]:
    return {
        one.label: tuple(round(rate * one.n_target) for rate in one.rates.values())
        for one in found.findings
    }


def demo() -> None:
    """Seconds of `corpuscope demo` in a process of its own, with and without compiled kernels."""
    body = []
    for turn in ("first run: kernels are compiled", "second run"):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "corpuscope", "demo", "--into", f"{folder}/demo.scope"],
                env=os.environ | {"NUMBA_CACHE_DIR": str(Path(tempfile.gettempdir()) / "kernels")},
                capture_output=True, check=True,
            )  # fmt: skip
            body.append([turn, f"{time.perf_counter() - begun:.0f}"])
    record("The demo's first finding", table(["`corpuscope demo`", "seconds"], body))


if __name__ == "__main__":
    parts = {"speed": speed, "strengths": strengths, "findings": findings, "demo": demo}
    for wanted in sys.argv[1:] or parts:
        parts[wanted]()

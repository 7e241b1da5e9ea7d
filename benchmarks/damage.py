"""Damaged files: `python -m benchmarks.damage [N]`; it stops after half an hour.

A small store with a full cache is damaged N times (1,000 by default), one file and one way at a
time, spread evenly over all files and ways. After each, the questions that read the file are
asked in a process of its own, and the store is put back. An answer is the JSON of a result without
its warnings. A crash, a traceback and another answer than that of the whole store are failures; an
error of corpuscope's own, and a cache that is made again with a warning, are what is wanted.

The states that probes learn from are made again by copying them from the whole cache: reading the
texts with the language model anew is not what is measured here, and would take hours.
"""

import json
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from itertools import cycle
from pathlib import Path
from typing import Any

import corpuscope as cs
from benchmarks.results import CACHE, record, table
from corpuscope.probing.matrices import rereading as reading
from corpuscope.store.store import Store
from tests.store.damages import DAMAGES

SLOW = ("correlate", "cluster", "probe")
"""Asked last."""

N_DAMAGES, N_QUESTIONS_OF_CORPUS, SHARD = 1_000, 50, 40
MOST_S = 3_600
PROBES = ("words", "dense token mean", "sae token max k=16")
OUTCOMES = ("noticed", "mended and said", "no effect", "another answer", "traceback", "crash")
FAILURES = OUTCOMES[3:]
LIMIT_S = 100

Ask = Callable[[Store], Any]
QUESTIONS: dict[str, Ask] = {
    "diff": lambda store: cs.diff(
        store, by="version", settings=cs.ComparisonSettings(min_support=5)
    ),
    "trend": lambda store: cs.trend(store, by="round", settings=cs.TrendSettings(min_support=5)),
    "correlate": lambda store: cs.correlate(
        store,
        settings=cs.CorrelateSettings(min_support=12, max_findings=10, evidence=1, rename=False),
        min_npmi=0.6,
    ),
    "cluster": lambda store: cs.cluster(
        store,
        along="friendly; formal",
        n_clusters=2,
        settings=cs.ClusterSettings(evidence=1, rename=False),
    ),
    "search": lambda store: cs.search(
        store, "apologises for a delay", settings=cs.SearchSettings(rename=False)
    ),
    "audit": lambda store: cs.audit(
        store, label="version", split="split", settings=cs.AuditSettings(rename=False, folds=2)
    ),
    "probe": lambda store: cs.probe(
        store, label="version", probes=PROBES, settings=cs.ProbeSettings(folds=2, rename=False)
    ),
}


def main() -> None:
    """Damage, ask, put back; record how often what happened."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N_DAMAGES
    with tempfile.TemporaryDirectory() as scratch:
        if not (made := CACHE / "damage" / "whole.scope").is_dir():
            # Reading starts threads, which no copy of a process has.
            assert _in_a_process(lambda: _write_store(made), limit_s=0) == "done"
        whole, place = Path(scratch) / "whole.scope", Path(scratch) / "damaged.scope"
        shutil.copytree(made, whole)
        shutil.copytree(whole, place)
        right, readers = _asked_whole(place)
        _synchronise(whole, place)
        started = time.perf_counter()
        counts: Counter[tuple[str, str, str]] = Counter()
        for number, (file, damage) in zip(range(n), _damages(place), strict=False):
            if time.perf_counter() - started > MOST_S:
                break
            counts[_one(number, file, damage, whole, right, readers)] += 1
            if number % 20 == 0:
                print(f"{number} in {time.perf_counter() - started:.0f} s", flush=True)
            _synchronise(whole, place)
        _record(counts, time.perf_counter() - started)


def _one(
    number: int, file: Path, damage: str, whole: Path, right: dict[str, str],
    readers: dict[str, set[str]],
) -> tuple[str, str, str]:  # fmt: skip
    """Damage one file and ask: its kind, the damage, and what came of it."""
    place = whole.with_name("damaged.scope")
    name = file.relative_to(place).as_posix()
    before = file.read_bytes()
    beside = [one for one in sorted(file.parent.iterdir()) if one.is_file() and one != file]
    other = random.Random(number).choice(beside or [place / "manifest.json"])
    at = random.Random(number).randrange(2**31)
    DAMAGES[damage](file, other, at)
    if file.exists() and file.read_bytes() == before:  # Such as sixteen zeros, zeroed.
        DAMAGES["a bit flipped"](file, other, at)
    if name.startswith("strengths/"):
        # They are read where the arrays in the cache are not there yet.
        for folder in place.glob("cache/*/strengths"):
            shutil.rmtree(folder)
    outcome = _in_a_process(lambda: _outcome(file, before, whole, right, number, readers.get(name)))
    if outcome in FAILURES:
        print(number, name, damage, outcome, flush=True)
    return _kind(name), damage, outcome


def _write_store(into: Path) -> str:
    """The demo's first answers, in shards, with a column for each question."""
    corpus = (files("corpuscope.demo") / "support.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in corpus.splitlines()[: 2 * N_QUESTIONS_OF_CORPUS]]
    for at, row in enumerate(rows):
        row["round"] = (1 if row["version"] == "v1" else 3) + at // 2 % 2
        row["split"] = "test" if at // 2 % 5 == 0 else "train"
    into.parent.mkdir(parents=True, exist_ok=True)
    file = into.with_name("answers.jsonl")
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    columns = ["question_id", "version", "round", "split"]
    read = cs.read_corpus(file, text="answer", id="id", metadata=columns)
    unfinished = into.with_name("unfinished.scope")
    store = cs.extract(read, into=unfinished, shard_documents=SHARD)
    # Attention keeps the states of tokens beside the pooled ones, in the same folder.
    cs.probe(
        store,
        label="version",
        probes=("sae token attention all",),
        settings=cs.ProbeSettings(folds=2, rename=False),
    )
    for ask in QUESTIONS.values():
        ask(store).to_json()
    unfinished.rename(into)
    return "done"


def _asked_whole(place: Path) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The answers, and which questions open each file of the cache."""
    import sklearn.cluster  # noqa: F401  Copies of this process have it; it starts no thread.

    right: dict[str, str] = {}
    readers: dict[str, set[str]] = {}
    for name in QUESTIONS:
        # What k-means leaves behind makes copies of a process wait forever.
        ask = _in_a_process if name == "cluster" else (lambda work: work())
        started = time.perf_counter()
        right[name], opened = ask(lambda name=name: _noted(place, name))
        for folder in {Path(file).parent for file in opened if file.count("/") == 3}:
            for one in (place / folder).iterdir():
                readers.setdefault((folder / one.name).as_posix(), set()).add(name)
        print(f"{name}: {time.perf_counter() - started:.2f} s", flush=True)
    # Every question reads the store's own files.
    return right, readers


def _noted(place: Path, name: str) -> tuple[str, set[str]]:
    """An answer, and the files below a folder that were opened for it."""
    opened: set[str] = set()

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).startswith(str(place)):
            opened.add(Path(str(arguments[0])).relative_to(place).as_posix())

    sys.addaudithook(note)
    return _answer(QUESTIONS[name], cs.open_store(place)), set(opened)


def _answer(ask: Ask, store: Store) -> str:
    found = ask(store).to_json()
    return json.dumps({key: value for key, value in found.items() if key != "warnings"})


def _damages(place: Path) -> Iterator[tuple[Path, str]]:
    """Every file in every way, again and again, in a random order."""
    every = [(file, damage) for file in sorted(place.rglob("*")) if file.is_file()
             for damage in DAMAGES]  # fmt: skip
    random.Random(0).shuffle(every)
    return cycle(every)


def _outcome(
    file: Path, before: bytes, whole: Path, right: dict[str, str], number: int, who: set[str] | None
) -> str:
    """What came of the questions that read a file; the worst of them.

    Once the file is again what it was before, the other questions are not asked.
    """
    _make_states_again_from(whole)
    names = [name for name in QUESTIONS if who is None or name in who]
    random.Random(number).shuffle(names)
    names.sort(key=SLOW.__contains__)
    found = []
    for name in names:
        found.append(_asked(whole.with_name("damaged.scope"), name, right[name]))
        if file.exists() and file.read_bytes() == before:
            break
    for outcome in (*reversed(FAILURES), "noticed", "mended and said"):
        if outcome in found:
            return outcome
    return "no effect"


def _asked(place: Path, name: str, right: str) -> str:
    try:
        store = cs.open_store(place)
        answer = _answer(QUESTIONS[name], store)
    except cs.CorpuscopeError:
        return "noticed"
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}"[:300], flush=True)
        return "traceback"
    if answer != right:
        return "another answer"
    return "mended and said" if store.warnings else "no effect"


def _make_states_again_from(whole: Path) -> None:
    def copied(_store: Store, into: Path, **_options: Any) -> None:
        (source,) = whole.glob("cache/*/probe-*")
        for file in source.glob("*.npy"):
            shutil.copy(file, into)

    reading.read_again = copied


def _in_a_process(work: Callable[[], Any], limit_s: int = LIMIT_S) -> Any:
    """What `work` says in a copy of this process, or that it crashed, or took too long."""
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(limit_s)
        with os.fdopen(writing_end, "wb") as pipe:
            pickle.dump(work(), pipe)
        os._exit(0)
    os.close(writing_end)
    with os.fdopen(reading_end, "rb") as pipe:
        content = pipe.read()
    _, status = os.waitpid(child, 0)
    return pickle.loads(content) if status == 0 and content else "crash"


def _synchronise(whole: Path, place: Path) -> None:
    """Make `place` like `whole`, leaving alone what is."""
    wanted = {file.relative_to(whole) for file in whole.rglob("*") if file.is_file()}
    for file in [file for file in place.rglob("*") if file.is_file()]:
        if file.relative_to(place) not in wanted and file.name != "checked.log":
            file.unlink()
    for name in wanted:
        content = (whole / name).read_bytes()
        there = place / name
        if not there.is_file() or there.read_bytes() != content:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(content)


def _kind(name: str) -> str:
    parts = name.split("/")
    if parts[0] != "cache":
        return parts[0]
    return f"cache: {parts[2].split('-')[0]}"


def _record(counts: Counter[tuple[str, str, str]], seconds: float) -> None:
    n, n_failed = sum(counts.values()), sum(counts[key] for key in counts if key[2] in FAILURES)
    lines = [f"{n:,} damages in {seconds:,.0f} s: {n_failed} failures (a crash, a traceback or "
             "another answer).", ""]  # fmt: skip
    for column, title in ((0, "file"), (1, "damage")):
        lines += [*_by(counts, column, title), ""]
    record("Damaged files", lines)


def _by(counts: Counter[tuple[str, str, str]], column: int, title: str) -> Sequence[str]:
    rows = []
    for kind in [*sorted({key[column] for key in counts}), None]:
        own = Counter[str]()
        for key, count in counts.items():
            if kind in (key[column], None):
                own[key[2]] += count
        rows.append([kind or "all", sum(own.values()), *(own[outcome] for outcome in OUTCOMES)])
    return table([title, "damages", *OUTCOMES], rows)


if __name__ == "__main__":
    main()

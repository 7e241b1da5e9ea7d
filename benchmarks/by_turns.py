"""This checkout beside another, by turns: `python -m benchmarks.by_turns OTHER [FOLDER]`.

Each command runs in a process of its own, now with the one package and now with the other, on the
demo and on 2,000 answers of several models; caches are filled before. Seconds of the whole process
and its largest memory, as medians and as the ratio of other to this: above 1 this one is ahead.
FOLDER keeps stores and rows, so that a run that was cut short goes on.
"""

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import record, table

_HEADER = ("command", "seconds", "before", "before / now", "MB", "memory before / now")
_TURNS, _QUICK, _TURNS_OF_QUICK = 3, 1.0, 15
_ANSWERS = 2_000
_HERE = Path(__file__).resolve().parents[1]

# Compiled once, as what pip installs is.
_INSTALLED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": tempfile.gettempdir()}

_COMMANDS = """
--help
info DEMO
diff DEMO --by version --target v2 --pair question_id
diff ANSWERS --by model --pair prompt_id
trend ANSWERS --by length
correlate ANSWERS
cluster ANSWERS --n-clusters 4
search ANSWERS "a list of steps"
audit ANSWERS --label model
probe ANSWERS --label model --group prompt_id
"""


def main(other: Path, folder: Path) -> None:
    """Record seconds and memory of each command with both packages.

    Stores and rows are kept in `folder`: a run that was cut short goes on with the next command.
    """
    folder.mkdir(exist_ok=True)
    kept = folder / "rows.json"
    rows_by_command = json.loads(kept.read_text()) if kept.is_file() else {}
    # Each package has stores, and so caches, of its own.
    places = {one: _stores(folder / str(n)) for n, one in enumerate((_HERE, other))}
    for command in _COMMANDS.strip().splitlines():
        if command not in rows_by_command:
            rows_by_command[command] = _row(command, other, places)
            print(*rows_by_command[command], flush=True)
            kept.write_text(json.dumps(rows_by_command))
            record("By turns with the code before", table(_HEADER, list(rows_by_command.values())))


def _row(command: str, other: Path, places: dict[Path, dict[str, str]]) -> list[str]:
    """The medians of a command with this package, and their ratios to the other's."""
    turns: dict[Path, list[tuple[float, float]]] = {_HERE: [], other: []}
    n_turns = _TURNS
    turn = 0
    while turn <= n_turns:
        for package in (_HERE, other) if turn % 2 else (other, _HERE):
            measured = _run(package, command, places[package])
            if turn:  # The first run of each fills its caches.
                turns[package].append(measured)
            # What takes a blink needs more turns to be told from noise.
            n_turns = _TURNS_OF_QUICK if measured[0] < _QUICK else _TURNS
        turn += 1
    ours, theirs = (
        [statistics.median(figures) for figures in zip(*turns[one], strict=True)]
        for one in (_HERE, other)
    )
    return [
        f"`{command}`", f"{ours[0]:.2f}", f"{theirs[0]:.2f}", f"{theirs[0] / ours[0]:.2f}",
        f"{ours[1]:,.0f}", f"{theirs[1] / ours[1]:.2f}",
    ]  # fmt: skip


def _stores(folder: Path) -> dict[str, str]:
    """The demo, and answers of models to the same prompts, in an order of lengths."""
    folder.mkdir(exist_ok=True)
    demo = cs.extract(cs.demo_corpus(), into=folder / "demo.scope")
    chosen = [
        {
            "id": row["id"], "text": row["response"], "prompt_id": row["prompt_id"],
            "model": "two" if number % 2 else "one", "length": len(row["response"]) // 500,
        }
        for number, row in enumerate(islice(rows("alpaca_eval/responses.jsonl.gz"), _ANSWERS))
    ]  # fmt: skip
    answers = cs.extract(chosen, into=folder / "answers.scope")
    return {"DEMO": str(demo.path), "ANSWERS": str(answers.path)}


def _run(package: Path, command: str, places: dict[str, str]) -> tuple[float, float]:
    """Seconds and megabytes of a process that runs a command of a package."""
    words = [places.get(word, word) for word in shlex.split(command)]
    words += [] if command == "--help" else ["--json"]
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *words],
        cwd=package,
        env=os.environ | {"PYTHONPATH": str(package)} | _INSTALLED,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - begun
    return seconds, float(done.stderr.splitlines()[-1].removeprefix("KB ")) / 1000


_SCRIPT = """
import sys
sys.argv[0] = "corpuscope"
from corpuscope.cli.main import run
try:
    run()
except SystemExit as left:
    assert not left.code, left.code
finally:
    # Of this program alone; what `getrusage` says is no less than what its parent had.
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print("KB", status["VmHWM"].split()[0], file=sys.stderr)
"""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(sys.argv[1]).resolve(), Path(sys.argv[2] if len(sys.argv) > 2 else temporary))

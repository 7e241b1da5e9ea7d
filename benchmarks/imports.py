"""What is imported to ask: `python -m benchmarks.imports`.

Each is done in a Python of its own; afterwards it is looked up which libraries were loaded.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import corpuscope as cs
from benchmarks.results import record, table

MODEL_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "huggingface_hub")
OTHER_LIBRARIES = ("pandas", "scipy", "pyarrow", "matplotlib")
COMMANDS = {
    "import corpuscope": "import corpuscope",
    "corpuscope --help": "from corpuscope.cli.main import run; sys.argv[1:] = ['--help']; run()",
    "corpuscope info STORE": "from corpuscope.cli.main import run; "
    "sys.argv[1:] = ['info', STORE]; run()",
    "corpuscope diff STORE": "from corpuscope.cli.main import run; "
    "sys.argv[1:] = ['diff', STORE, '--by', 'version', '--pair', 'question_id']; run()",
}
_SCRIPT = """
import sys, atexit, time
STORE = {store!r}
begun = time.perf_counter()
def tell():
    loaded = [name for name in {names!r} if name in sys.modules]
    print("LOADED", f"{{time.perf_counter() - begun:.2f}}", *loaded, file=sys.stderr)
atexit.register(tell)
{work}
"""


def main() -> None:
    """Seconds, and which libraries were loaded."""
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "demo.scope")
        cs.extract(cs.demo_corpus(), into=store)
        body = [[name, *_loaded(work, store)] for name, work in COMMANDS.items()]
    header = ["", "seconds", "of torch and its kin", "of other large libraries"]
    record("What asking imports", table(header, body))


def _loaded(work: str, store: str) -> tuple[str, str, str]:
    names = (*MODEL_LIBRARIES, *OTHER_LIBRARIES)
    script = _SCRIPT.format(store=store, names=names, work=work)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    line = next(line for line in done.stderr.splitlines() if line.startswith("LOADED"))
    _, seconds, *loaded = line.split()
    models = [name for name in loaded if name in MODEL_LIBRARIES]
    others = [name for name in loaded if name in OTHER_LIBRARIES]
    return seconds, ", ".join(models) or "none", ", ".join(others) or "none"


if __name__ == "__main__":
    main()

"""What the base installation weighs: `python -m benchmarks.installation`.

Builds the wheel, installs it into a fresh environment from the package index, and adds up the
files of each distribution. Then `corpuscope demo` runs there.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import record, table

_HERE = Path(__file__).resolve().parents[1]
_SMALLEST_SHOWN = 5.0

_SIZES = """
import json
from importlib.metadata import distributions
from pathlib import Path
sizes = {}
for one in distributions():
    places = {Path(one.locate_file(file)).resolve() for file in one.files or ()}
    places = {place for place in places if place.is_file() and place.suffix != ".pyc"}
    sizes[one.metadata["Name"].lower()] = sum(place.stat().st_size for place in places)
print(json.dumps(sizes))
"""


def main() -> None:
    """Install, weigh, and run the demo."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, _HERE)
        _run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv" / "bin" / "python"
        (wheel,) = folder.glob("corpuscope-*.whl")
        begun = time.perf_counter()
        _run(python, "-m", "pip", "install", "--no-compile", wheel)
        installed = time.perf_counter() - begun
        sizes = {
            name: size / 1e6
            for name, size in json.loads(_run(python, "-c", _SIZES)).items()
            if name not in ("pip", "setuptools")
        }
        times = []
        for run in ("first", "second"):
            begun = time.perf_counter()
            _run(python, "-m", "corpuscope", "demo", "--into", folder / f"{run}.scope")
            times.append(time.perf_counter() - begun)
        modules = _run(python, "-c", "import importlib.util as u; print(u.find_spec('torch'))")
    shown = {name: size for name, size in sizes.items() if size >= _SMALLEST_SHOWN}
    body = [[name, f"{size:.0f}"] for name, size in sorted(shown.items(), key=lambda one: -one[1])]
    rest = sum(sizes.values()) - sum(shown.values())
    body += [[f"{len(sizes) - len(shown)} smaller ones", f"{rest:.0f}"],
             ["**all**", f"**{sum(sizes.values()):.0f}**"]]  # fmt: skip
    lines = [
        f"`pip install corpuscope` without extras (torch there: {modules.strip()}): "
        f"{installed:.0f} s, from a wheel of this checkout. `corpuscope demo` then takes "
        f"{times[0]:.0f} s the first time, kernels being compiled, and {times[1]:.0f} s the "
        "second, into another folder.",
        "",
        *table(["distribution", "MB"], body),
    ]
    record("The base installation, by part", lines)


def _run(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()

"""Keeps RESULTS.md: one section a measurement, replaced when it is run again."""

import datetime
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
CACHE = Path(__file__).resolve().parents[1] / ".cache" / "benchmarks"
"""Where stores that are slow to make are kept between runs."""


def record(title: str, lines: Sequence[str]) -> None:
    """Put the lines under `title` into RESULTS.md, with date, machine, commit and command."""
    body = "\n".join(lines).strip()
    section = f"## {title}\n\n{_circumstances()}\n\n{body}\n"
    print(section)
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else _HEAD
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: section + "\n", text)
    else:
        text = text.rstrip() + "\n\n" + section
    RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


_HEAD = """# Results

Each section was written by the command it names; run it again and the section is replaced.
Texts come from the development data beside the checkout and are not part of the project.
"""


def _circumstances() -> str:
    module = sys.modules["__main__"].__spec__
    # Where a checkout or a recording lies is of no interest to others.
    arguments = ["PATH" if Path(one).is_absolute() else one for one in sys.argv[1:]]
    command = " ".join(["python -m", module.name if module else "benchmarks", *arguments])
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return f"{today}, {_processor()} with {os.cpu_count()} cores, after {commit}: `{command}`"


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", about.read_text()) if about.is_file() else []
    return names[0] if names else platform.processor() or "unknown processor"

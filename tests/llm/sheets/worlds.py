"""Questions to people, and people who fill in sheets."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from corpuscope.claiming.judging.questions import Question
from corpuscope.errors import AnswersMissing
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Answer, Request

PAIR = Question(
    "verify", ("Dear you.", "=Go away;\n=now"), ("It greets.", "It sends away."), prompt="Write!"
).request()
ONE = Question("planted", ("Hello there.",), ("It greets.",)).request()

Person = Callable[[Mapping[str, str]], Mapping[str, str]]
"""From a row to the cells that a person fills in."""


def told(folder: Path, *requests: Request) -> str:
    """What a run says that waits for answers."""
    with pytest.raises(AnswersMissing) as caught:
        answered(folder, *requests)
    return caught.value.found


def answered(folder: Path, *requests: Request) -> list[Answer]:
    """The answers of a run with sheets."""
    return LLM(BatchFolder(folder, sheet=True)).ask(requests)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a sheet."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, person: Person, into: str | None = None) -> None:
    """Have a person fill in a sheet, and save it under its own name or another."""
    found = rows(path)
    with path.with_name(into or path.name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows({**row, **person(row)} for row in found)


def by_words(row: Mapping[str, str]) -> dict[str, str]:
    """Answers by the question alone, in odd case."""
    is_greeting = row["question"] == "It greets."
    if row.get("first text"):
        return {"answer": " First" if is_greeting else "SECOND ", "reason": "=so"}
    return {"answer": "YES" if is_greeting else "no"}

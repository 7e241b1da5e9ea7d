"""Likely label errors read blind: what a reader says is told, and how far to trust the reader."""

import numpy as np
import pytest

from corpuscope import audit
from corpuscope.analyses.audit.result import AuditResult
from corpuscope.analyses.audit.settings import AuditSettings
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from tests.analyses.audit.test_analysis import worlds_texts
from tests.analyses.worlds import write

_CATS = [
    "purr",
    "sofa",
    "kitten",
    "basket",
    "meow",
    "litter",
    "jungle",
    "prey",
    "stripe",
    "hunter",
    "roar",
    "savanna",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    """Of 400 texts, ten cats are labelled dogs."""
    made = worlds_texts(np.random.default_rng(0))
    for document in made[0:20:2]:
        document.metadata["label"] = "dog"
    store = write(tmp_path_factory.mktemp("read") / "s", made)
    return audit(
        store, label="label", checks=["suspect_labels"],
        settings=AuditSettings(max_lines=14, rename=False),
    )  # fmt: skip


def _letters(request: Request) -> tuple[str, str]:
    """The letter of cats, and the text to be sorted."""
    first, text = request.user.split("The text to be sorted:")
    return ("A" if "cat" in first.split("Texts of it:")[0] else "B"), text


def _knows(request: Request) -> dict[str, str]:
    cats, text = _letters(request)
    is_cat = any(word in text for word in _CATS)
    return {"reason": "by its words", "label": cats if is_cat else "BA"["AB".index(cats)]}


def _llm(answer: object) -> LLM:
    return LLM(Function(answer, "scripted"))  # type: ignore[arg-type]


def test_planted_errors_are_confirmed_and_stand_first(found: AuditResult) -> None:
    read = found.read(_llm(_knows))
    planted = {f"d{row}" for row in range(0, 20, 2)}
    confirmed = [line.id for line in read.suspect_labels if line.said == "other"]
    assert {line.id for line in found.suspect_labels} & planted == set(confirmed)
    assert [line.id for line in read.suspect_labels][: len(confirmed)] == confirmed
    assert read.reading is not None
    assert read.reading.n_own_of_others == read.reading.n_others == len(found.suspect_labels)
    assert "read: the other label fits (by its words)" in read.suspect_labels[0].reason
    assert read.to_json()["suspect_labels"][0]["said"] == "other"
    assert read.to_json()["receipt"]["calls"] == 2 * len(found.suspect_labels)
    assert "said" not in found.to_json()["suspect_labels"][0]


def test_a_reader_who_says_the_first_is_seen_through(found: AuditResult) -> None:
    read = found.read(_llm(lambda request: {"reason": "", "label": "A"})).reading
    assert read is not None
    assert 0 < read.n_own_of_others < read.n_others
    assert 0 < read.n_other < read.n_decided


def test_what_is_not_answered_is_no_verdict(found: AuditResult) -> None:
    read = found.read(_llm(lambda request: None)).reading
    assert read is not None
    assert set(read.said) == {"unread"}
    assert (read.n_other, read.n_decided, read.interval) == (0, 0, (0.0, 1.0))


def test_requests_say_no_verdict_and_are_the_same_each_time(found: AuditResult) -> None:
    requests = found.reading_requests()
    assert [one.user for one in requests] == [one.user for one in found.reading_requests()]
    first = [request.user.split("\n")[0] for request in requests]
    assert len(set(first)) > 1, "labels stand in random order"
    assert len(requests) == 2 * len(found.suspect_labels)
    assert not any("suspect" in one.user or "predicted" in one.user for one in requests)

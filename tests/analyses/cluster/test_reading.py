"""Names of clusters are tested on texts that had no part in them."""

import math
import re

from corpuscope.analyses.cluster.reading import (
    ClusterTexts,
    naming_request,
    read_clusters,
    reading_requests,
)
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request

WORDS = ("cats", "taxes", "rain")


def clusters(n: int = 40) -> list[ClusterTexts]:
    return [
        ClusterTexts(
            (f"label {word}",),
            tuple(f"A typical text of {word}, number {i}." for i in range(6)),
            tuple(f"Another text on {word}, number {i}." for i in range(n)),
        )
        for word in WORDS
    ]


def reader(request: Request) -> object:
    """Names clusters by their word, and finds each text by it."""
    if request.purpose == "name clusters":
        return {
            f"cluster_{number}": {
                "name": f"on {word}", "sentence": f"It speaks of {word}.",
                "status": "unclear" if word == "rain" else "ok",
            }
            for number, word in enumerate(WORDS, start=1)
        }  # fmt: skip
    word = next(one for one in WORDS if one in request.user.split("The kinds:")[0])
    letter = re.search(rf"^([A-Z])\. on {word}", request.user, re.M)
    assert letter is not None
    return {"reason": "by its word", "kind": letter[1]}


def test_texts_come_back_by_name() -> None:
    found = read_clusters(clusters(), LLM(Function(reader, "r")), along=(), seed=0)  # type: ignore[arg-type]
    assert found is not None
    assert found.accuracy == 1.0
    assert found.guessing == 1 / 3
    assert [one.n for one in found.clusters] == [30, 30, 30]
    assert [one.is_clear for one in found.clusters] == [True, True, False]
    assert found.clusters[0].name == "on cats"
    assert found.clusters[0].recall_interval[0] > 0.85
    assert found.confused == ()


def test_no_text_both_names_and_tests() -> None:
    seen: list[Request] = []

    def watch(request: Request) -> object:
        seen.append(request)
        return reader(request)

    read_clusters(clusters(), LLM(Function(watch, "w")), along=(), seed=0)  # type: ignore[arg-type]
    naming, *testing = seen
    for request in testing:
        text = request.user.split("<<<")[1].split("\n")[1]
        assert text not in naming.user


def test_clusters_that_are_taken_for_each_other_are_told() -> None:
    def confused(request: Request) -> object:
        answer = reader(request)
        if request.purpose == "assign texts":
            text = request.user.split("The kinds:")[0]
            if "cats" in text or "taxes" in text:
                other = "taxes" if "cats" in text else "cats"
                letter = re.search(rf"^([A-Z])\. on {other}", request.user, re.M)
                assert letter is not None
                return {"reason": "", "kind": letter[1]}
        return answer

    found = read_clusters(clusters(), LLM(Function(confused, "c")), along=(), seed=0)  # type: ignore[arg-type]
    assert found is not None
    assert found.confused == ((0, 1),)
    assert found.clusters[0].recall == 0
    assert found.accuracy == 1 / 3


def test_nowhere_and_unread_are_counted_apart() -> None:
    def shy(request: Request) -> object:
        if request.purpose == "assign texts":
            return None if "cats" in request.user.split("The kinds:")[0] else {
                "reason": "", "kind": "none of these",
            }  # fmt: skip
        return reader(request)

    found = read_clusters(clusters(), LLM(Function(shy, "s")), along=(), seed=0)  # type: ignore[arg-type]
    assert found is not None
    assert (found.n_unread, found.n_nowhere) == (30, 60)
    assert math.isnan(found.clusters[0].recall)


def test_no_names_are_no_reading() -> None:
    silent = LLM(Function(lambda _: None, "silent"))
    assert read_clusters(clusters(), silent, along=(), seed=0) is None


def test_requests_can_be_counted_beforehand() -> None:
    asked = reading_requests(clusters(12), ["a", "b", "c"], along=("tone",), seed=0)
    assert len(asked) == 1 + 3 * 8
    assert "along this axis: tone" in asked[0].system
    assert asked[0].key({}) == naming_request(clusters(12), along=("tone",), seed=0).key({})

"""The better of two names is shown, and the other kept."""

import re
from typing import Any

import pytest

from corpuscope.labels.by_reading.write import label_by_reading
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from corpuscope.store.store import Store
from tests.claiming.worlds import CERTAIN, DOUBT, WORDS, store
from tests.labels.by_reading.test_windows import reader as detect


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store(tmp_path_factory.mktemp("written") / "s.scope")


class Reader:
    """Names features by the word that stands out, and finds it in trials by a good name only."""

    def __init__(self, *, status: str = "ok", label: str = "the word {}") -> None:
        self.status, self.label = status, label
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Any:
        self.asked.append(request.purpose)
        if request.purpose == "name features":
            first = request.user.split("Second list:")[0]
            word = max(WORDS.values(), key=first.count)
            return {
                "reason": "", "status": self.status, "label": self.label.format(word),
                "sentence": f"It says {word}.",
            }  # fmt: skip
        word = next((w for w in WORDS.values() if w in request.user.split("\n")[0]), None)
        answer = {}
        for number, block in enumerate(request.user.split("Set ")[1:], start=1):
            lines = re.findall(r"^([A-E])\. (.*)$", block, re.M)
            fits = [letter for letter, line in lines if word and word in line]
            answer[f"set_{number}"] = fits[0] if len(fits) == 1 else "unclear"
        return answer


def read(made: Store, reader: Reader) -> dict[int, Any]:
    table = label_by_reading(made, [CERTAIN, DOUBT], LLM(Function(reader, "reader")))
    return {int(row["feature"]): row for _, row in table.iterrows()}


def test_a_name_that_fits_no_worse_keeps_its_rival_beside_it(made: Store) -> None:
    found = read(made, Reader())
    for feature, word in WORDS.items():
        row = found[feature]
        assert row["written"] == f"the word {word}"
        assert row["n_trials"] == 6
        if row["label_source"] == "words":
            assert row["words_score"] > row["written_score"]
        else:
            assert row["written_score"] >= row["words_score"]
            assert row["label_source"] == "llm: reader"
            assert row["sentence"] == f"It says {word}."
        assert row["words"]


def test_unclear_and_faulty_names_are_dropped(made: Store) -> None:
    for reader in (Reader(status="unclear"), Reader(label="the marked word {}")):
        for row in read(made, reader).values():
            assert row["written"] is None
            assert row["label_source"] in ("words", None)


def test_equal_names_are_asked_for_once_more(made: Store) -> None:
    reader = Reader(label="a word")
    found = read(made, reader)
    assert reader.asked.count("name features") == 3
    assert {row["written"] for row in found.values()} == {"a word"}


def test_no_answers_leave_the_names_from_words(made: Store) -> None:
    found = label_by_reading(made, [CERTAIN], LLM(Function(lambda _: None, "silent")))
    assert found["written"].isna().all()
    assert found["status"].tolist() == ["refused"]


def test_labels_are_tested_place_by_place_if_asked(made: Store) -> None:
    naming = Reader()

    def reader(request: Request) -> Any:
        return detect(request) if request.purpose == "detect" else naming(request)

    llm = LLM(Function(reader, "reader"))
    found = label_by_reading(made, [CERTAIN, DOUBT], llm, detection=True).set_index("feature")
    for feature in WORDS:
        if found.at[feature, "label_source"] == "words":
            continue
        assert found.at[feature, "detection"] >= 0.9
        assert found.at[feature, "detection_of_another"] <= 0.55
        assert found.at[feature, "is_trusted"]

"""What `correlate` answers: which candidates are findings, their names, and what shows them."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from corpuscope.analyses.correlate.finding import Candidate, PairFinding, PairMember
from corpuscope.analyses.correlate.result import CorrelateResult, named_by_dictionary
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.views import View, view_of
from corpuscope.analyses.results.naming import Name, Names
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from tests.analyses.worlds import Made, write

NAN = float("nan")
HAS = {0: range(0, 9), 1: range(3, 14), 2: range(8), 3: range(6, 20)}
LABELS = {0: "ships", 1: "storms", 2: "trees"}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """Documents 3 to 8 have features 0 and 1; 4 has the words of 3 and another one."""
    made = []
    for row in range(20):
        words = ["zinc" if row < 6 else "oak", *(f"w{row}{letter}" for letter in "abcdefghij")]
        own = {feature for feature, rows in HAS.items() if row in rows}
        made.append(Made(words, own, peaks={0: 2, 1: 5}))
    made[4].words = [*made[3].words, "w4k"]
    path = tmp_path_factory.mktemp("result") / "s"
    source = NamedStore(write(path, made, labels=LABELS, label_source="people"))
    return view_of(source, np.arange(20), CorrelateSettings(words=True, min_support=5))


@dataclass(frozen=True, eq=False)
class Known(Similarity):
    """Names have the cosines they are given; a rank is ten times as large, up to 1."""

    cosines: dict[tuple[str, str], float] = field(default_factory=dict)

    def of_names(self, pairs: Any) -> list[float]:
        return [self.cosines.get(pair, NAN) for pair in pairs]

    def rank(self, lefts: np.ndarray, rights: np.ndarray, *, names: Any = None) -> np.ndarray:
        return np.minimum(10 * np.array(names, dtype=np.float64).reshape(len(lefts)), 1.0)


def candidate(view: View, a: int | str, b: int | str, **changed: Any) -> Candidate:
    names: list[int | str] = [*view.columns.features.tolist(), *view.columns.words]
    members = [(0, 2), (1, 2)] if changed.pop("with_members", False) else []
    finding = PairFinding(
        a, b, "token", "token", "old a", "old b", NAN, NAN, "number", "number",
        tuple(PairMember(x, y, "x", "y") for x, y in members), 6, 0.9, 0.4, 0.5, 0.3, 0.5,
        (0.35, 0.6), 0.45, 2.0, NAN, 1e-4, 0.01, True, NAN, NAN, False, {"a": 0.1, "b": NAN}, 0.5,
    )  # fmt: skip
    is_phrase = changed.pop("is_phrase", False)
    return Candidate(
        (names.index(a), names.index(b)), tuple(members), replace(finding, **changed), is_phrase
    )


def result(
    view: View, *candidates: Candidate, cosines: Any = None, **changed: Any
) -> CorrelateResult:
    similarity = Known(view, view, cosines=cosines or {})
    names = Names(view.source, np.ones(20, dtype=bool), here=False)
    told = {
        "candidates": candidates, "q": 0.05, "max_findings": None, "unexpected_below": 0.8,
        "parameters": {"q": 0.05}, "store": "s", "digest": "f00", "n_documents": 20,
        "n_possible": 90, "n_reaching": 12, "n_explained": 3, "n_divided": 2, "n_parts": 1,
        "n_same_places": 4, "n_spelling": 5, "warnings": ("careful",), "suggested_group": "author",
        "views": (view, view), "names": (names, names), "similarity": similarity, "n_evidence": 3,
    }  # fmt: skip
    return CorrelateResult(**(told | changed))


def pairs(found: CorrelateResult) -> list[tuple[int | str, int | str]]:
    return [(one.feature_a, one.feature_b) for one in found.findings]


def test_findings_are_sure_and_seen_again(view: View) -> None:
    found = result(
        view, candidate(view, 0, 1, q_value=0.05), candidate(view, 0, 2, q_value=0.051),
        candidate(view, 1, 2, replicated=False), candidate(view, 1, 3),
    )  # fmt: skip
    assert pairs(found) == [(0, 1), (1, 3)]
    assert len(found) == 2
    assert len(result(view)) == 0


def test_unexpected_ones_come_first_and_then_the_surest(view: View) -> None:
    cosines = {("ships", "storms"): 0.09, ("ships", "trees"): 0.08, ("storms", "trees"): 0.01}
    some = (candidate(view, 0, 1), candidate(view, 0, 2), candidate(view, 1, 2))
    found = result(view, *some, cosines=cosines)
    assert pairs(found) == [(0, 2), (1, 2), (0, 1)]
    assert [one.unexpected for one in found.findings] == [True, True, False]
    assert [one.similarity_rank for one in found.findings] == pytest.approx([0.8, 0.1, 0.9])
    assert [one.label_similarity for one in found.findings] == pytest.approx([0.08, 0.01, 0.09])
    assert pairs(result(view, *some, cosines=cosines, max_findings=2)) == [(0, 2), (1, 2)]
    phrase = candidate(view, 0, 2, is_phrase=True)
    assert pairs(result(view, phrase, *some[2:], cosines=cosines)) == [(1, 2), (0, 2)]
    # Of names without vectors it is not known how alike they are.
    assert not result(view, candidate(view, 0, 3)).findings[0].unexpected


def test_findings_have_the_names_of_the_dictionary_or_of_the_word(view: View) -> None:
    found = result(view, candidate(view, 0, "oak", with_members=True), candidate(view, 3, 1))
    one, other = found.findings
    assert (one.label_a, one.label_b) == ("ships", '"oak"')
    assert (one.label_source_a, one.label_source_b) == ("people", "word")
    assert [(m.label_a, m.label_b) for m in one.members] == [
        ("ships", "trees"),
        ("storms", "trees"),
    ]
    assert (other.label_a, other.label_source_a) == ("feature 3", "number")
    assert named_by_dictionary(view, 1).label == "storms"
    assert named_by_dictionary(view, len(view.columns) - 1).source == "word"


class Told(Names):
    """Names that are given, whatever the texts are."""

    def of(self, features: Any) -> dict[int | str, Name]:
        list(features)
        return self._known


def named(view: View, known: dict[int | str, Name]) -> tuple[Names, Names]:
    names = Told(view.source, np.ones(20, dtype=bool), True, known)
    return names, names


def test_names_from_these_texts_are_shown_but_poor_ones_are_not_compared_by(view: View) -> None:
    cosines = {("ships", "storms"): 0.01, ("hulls", "storms"): 0.02, ("hulls", "gales"): 0.09}
    known: dict[int | str, Name] = {0: Name("hulls", 0.8, "here"), 1: Name("gales", 0.4, "here")}
    view.source.scores = np.full(30, 0.6)
    try:
        found = result(view, candidate(view, 0, 1), cosines=cosines, names=named(view, known))
        (one,) = found.findings
        assert (one.label_a, one.label_b) == ("hulls", "gales")
        assert (one.label_score_a, one.label_score_b) == (0.8, 0.4)
        # "gales" finds its feature too seldom, and the dictionary's name does not.
        assert one.label_similarity == 0.02
        view.source.scores[1] = 0.45
        poor = result(view, candidate(view, 0, 1), cosines=cosines, names=named(view, known))
        assert poor.findings[0].label_similarity == 0.09
        none = {0: Name("feature 0", NAN, "number"), 1: known[1]}
        unnamed = result(view, candidate(view, 0, 1), names=named(view, none),
                         cosines={("ships", "gales"): 0.03})  # fmt: skip
        assert unnamed.findings[0].label_similarity == 0.03
    finally:
        del view.source.scores


def test_evidence_is_documents_with_both_and_the_places_of_each(view: View) -> None:
    shown = result(view, candidate(view, 0, 1)).evidence(0)
    assert len(shown) == 3
    for one in shown:
        row = int(one.id[1:])
        assert row in range(3, 9)
        assert [one.text[a:b] for a, b in one.spans] == [
            one.text.split()[2], one.text.split()[5],
        ]  # fmt: skip
        assert one.side is None
    assert len(result(view, candidate(view, 0, 1), n_evidence=1).evidence(0)) == 1


def test_nearly_the_same_text_is_shown_once(view: View) -> None:
    shown = result(view, candidate(view, 0, 1), n_evidence=6).evidence(0)
    ids = {one.id for one in shown}
    assert len(ids & {"d3", "d4"}) == 1
    assert ids >= {"d5", "d6", "d7", "d8"}


def test_those_in_which_both_are_strong_come_first(view: View) -> None:
    found = result(view, candidate(view, 0, 1), n_evidence=6)
    strengths = [one.strength for one in found.evidence(0)]
    matrix = view.source.stores[0].strengths().to_csr().toarray()
    places = []
    for one in found.evidence(0):
        row = int(one.id[1:])
        both = [np.argsort(-matrix[3:9, f], kind="stable").tolist().index(row - 3) for f in (0, 1)]
        places.append(max(both))
        assert one.strength == pytest.approx(matrix[row, :2].min())
    assert places == sorted(places)
    assert len(strengths) == 5


def test_a_word_is_shown_where_it_is_first(view: View) -> None:
    shown = result(view, candidate(view, 0, "zinc")).evidence(0)
    assert [one.text[a:b] for one in shown for a, b in one.spans[1:]] == ["zinc"] * 3


def test_of_two_texts_each_is_shown(view: View) -> None:
    other = replace(view, source=NamedStore(view.source.stores))
    shown = result(view, candidate(view, 0, 1), views=(view, other), n_evidence=2).evidence(0)
    assert [one.side for one in shown] == ["a", "b", "a", "b"]
    assert shown[0].id == shown[1].id
    assert [one.text[slice(*one.spans[0])] for one in shown[:2]] == [
        shown[0].text.split()[2], shown[0].text.split()[5],
    ]  # fmt: skip


def test_findings_are_a_table(view: View) -> None:
    table = result(view, candidate(view, 0, 1, with_members=True)).to_frame()
    row = table.iloc[0]
    assert (row["label_a"], row["feature_b"], row["n_members"]) == ("ships", 1, 2)
    assert (row["lower"], row["upper"]) == (0.35, 0.6)
    assert len(result(view).to_frame()) == 0


def test_json_has_all_and_no_nan(view: View) -> None:
    found = result(view, candidate(view, 0, 1, with_members=True))
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["analysis"] == "correlate"
    for name in ("n_possible", "n_reaching", "n_explained", "n_divided", "n_parts",
                 "n_same_places", "n_spelling", "suggested_group"):  # fmt: skip
        assert told[name] == getattr(found, name), name
    (one,) = told["findings"]
    assert one["lift_within"] is None
    assert one["groups"] == {"a": 0.1, "b": None}
    assert one["interval"] == [0.35, 0.6]
    assert len(one["evidence"]) == 3
    assert len(one["members"]) == 2


def test_verified_pairs_are_in_the_table_and_in_json(view: View) -> None:
    some = (candidate(view, 0, 1), candidate(view, 1, 2))
    found = result(view, *some, parameters={"min_npmi": 0.3})
    asked = found.verifying_requests(n=1)
    judge = LLM(Function(lambda _: {"reason": "", "verdict": "yes"}, "always"))
    read = found.verified(judge, n=1)
    assert judge.unanswered(asked) == []
    assert list(read.verifications) == [(0, 1)]
    table = read.to_frame()
    # Texts that have everything say nothing of what goes together.
    assert (table["verified"][0], table["verified_npmi"][0]) == ("undecided", 0)
    assert table[["verified", "verified_npmi", "verified_upper"]].isna()[1:].all(axis=None)
    assert "verified" not in found.to_frame()
    told = json.loads(json.dumps(read.to_json(), allow_nan=False))
    one, other = told["verifications"]
    assert one["cells"][0]["n"] == 6
    assert other == {}
    assert "verifications" not in found.to_json()
    assert found.verified(judge, n=0).verifications == {}


def test_the_plot_has_every_pair_that_holds(view: View) -> None:
    plt.switch_backend("Agg")
    some = (candidate(view, 0, 1), candidate(view, 0, 2), candidate(view, 1, 2, q_value=0.5))
    found = result(view, *some, cosines={("ships", "storms"): 0.05}, max_findings=1)
    assert [(one.feature_a, one.feature_b) for one in found.points()] == [(0, 1), (0, 2)]
    ax = found.plot()
    assert sum(len(one.get_offsets()) for one in ax.collections) == 2
    assert [text.get_text() for text in ax.texts] == ["1"]

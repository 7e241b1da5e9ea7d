"""What an answer of features reports follows from its candidates; nothing is computed anew."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison import tested_features
from corpuscope.analyses.comparison.families import Family
from corpuscope.analyses.results.feature_findings import (
    FeatureAnswer,
    FeatureFinding,
    Member,
    members_of,
    named,
)
from corpuscope.analyses.results.naming import Name, Names
from corpuscope.analyses.sentences.kinds import SentenceKind
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.evidence import Evidence
from tests.analyses.worlds import Made, write


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    path = tmp_path_factory.mktemp("findings") / "a"
    labels = {0: "nought", 1: "one", 20: "twenty"}
    return NamedStore(write(path, [Made(["w"])], labels=labels, label_source="people"))


@pytest.fixture
def names(source: NamedStore) -> Names:
    return Names(source, np.ones(1, dtype=bool), here=False)


def finding(feature: int | str, q: float = 0.01, **changes: Any) -> FeatureFinding:
    usual: dict[str, Any] = {
        "feature": feature, "kind": "word" if isinstance(feature, str) else "token",
        "label": f"old {feature}", "label_score": math.nan, "label_source": "old", "members": (),
        "p_value": q / 10, "q_value": q, "replicated": True, "z": 3.0, "adds_length": False,
    }  # fmt: skip
    return FeatureFinding(**(usual | changes))


def member(feature: int | str) -> Member:
    return Member(feature, "token", f"old {feature}", "old")


@dataclass(frozen=True)
class Told(FeatureAnswer[FeatureFinding, Any]):
    """An answer whose evidence is a text that says which finding it shows."""

    asked: list[int] = field(default_factory=list)

    def evidence(self, i: int) -> list[Evidence]:
        self.asked.append(i)
        return [Evidence("d", f"shows {self.findings[i].feature}", None, ((0, 5),), 1.0)]


def told(names: Names, *candidates: FeatureFinding, **changes: Any) -> Told:
    usual: dict[str, Any] = {
        "q": 0.05, "max_findings": None, "parameters": {"by": "model", "q": 0.05}, "store": "a",
        "digest": "abc", "n_documents": 10, "n_tested": 30, "raw_q": np.array([0.5]),
        "warnings": (), "suggested_group": None, "find_kinds": tuple, "find_unadjusted": None,
    }  # fmt: skip
    if "find_unadjusted" not in changes:
        changes["find_unadjusted"] = lambda: told(names, finding("unadjusted", 0.5))
    return Told(candidates=candidates, names=names, **(usual | changes))


def features(answer: FeatureAnswer[Any, Any]) -> list[int | str]:
    return [one.feature for one in answer.findings]


def test_findings_are_the_replicated_candidates_up_to_q(names: Names) -> None:
    answer = told(
        names, finding(0, 0.001), finding(1, 0.05), finding(2, 0.0501),
        finding(3, 0.001, replicated=False),
    )  # fmt: skip
    assert features(answer) == [0, 1]
    assert (len(answer), answer.n_candidates) == (2, 4)
    assert features(replace(answer, max_findings=1)) == [0]
    assert features(replace(answer, max_findings=0)) == []
    assert [one.feature for one in replace(answer, max_findings=1).significant()] == [0, 1]
    assert features(told(names)) == []


def test_another_q_moves_the_bar_alone(names: Names) -> None:
    answer = told(names, finding(0, 0.001), finding(1, 0.05), finding(2, 0.2))
    for q, expected in ((0.0005, []), (0.01, [0]), (0.2, [0, 1, 2])):
        other = answer.at(q=q)
        assert features(other) == expected
        assert dict(other.parameters) == {"by": "model", "q": q}
    assert features(answer) == [0, 1]
    assert answer.parameters["q"] == 0.05
    with pytest.raises(InputError, match="q"):
        answer.at(q=0.0)


def test_what_another_answer_tells_is_left_out_with_all_its_family(names: Names) -> None:
    answer = told(names, finding(0), finding(1), finding("so"), finding(2, 0.5), finding(4))
    other = told(names, finding(1), finding(3, members=(member("so"),)), finding(4, 0.5))
    assert features(answer.without(other)) == [0, 4]
    assert features(answer.without(other, n=1)) == [0]
    assert features(answer.without(told(names))) == [0, 1, "so", 4]
    assert features(answer.without(answer)) == []
    # A family that the other does not report is told, whatever its members are in this one.
    mine = told(names, finding(7, members=(member(1),)))
    assert features(mine.without(other)) == [7]


def test_the_unadjusted_answer_has_the_bar_of_this_one(names: Names) -> None:
    answer = told(names)
    assert features(answer.unadjusted) == []
    assert features(answer.at(q=0.6).unadjusted) == ["unadjusted"]


def test_anything_differs_as_surely_as_the_surer_kind(names: Names) -> None:
    asked: list[int] = []

    def kinds() -> tuple[SentenceKind, ...]:
        asked.append(1)
        made = tuple(object.__new__(SentenceKind) for _ in range(2))
        for kind, p in zip(made, (0.3, 0.02), strict=True):
            object.__setattr__(kind, "p_value", p)
        return made

    answer = told(names, find_kinds=kinds)
    assert answer.p_anything == answer.p_anything == 0.02
    assert asked == [1]
    assert math.isnan(told(names).p_anything)


def test_findings_are_json_with_their_evidence(names: Names) -> None:
    answer = told(names, finding(0, members=(member(1),)), finding("so"))
    first, second = answer.findings_as_json()
    assert first["label"] == "nought"
    assert first["label_score"] is None
    assert first["members"] == [
        {"feature": 1, "kind": "token", "label": "one", "label_source": "people"}
    ]
    assert first["evidence"][0]["text"] == "shows 0"
    assert second["evidence"][0]["spans"] == [[0, 5]]
    assert answer.asked == [0, 1]


def test_a_finding_stands_for_its_members() -> None:
    assert finding(0, members=(member(1), member("so"))).features == (0, 1, "so")
    assert finding("so").features == ("so",)


def test_the_members_of_a_family_have_kinds_and_labels(source: NamedStore) -> None:
    columns = tested_features.TestedFeatures(
        sp.csr_array((1, 4), dtype=bool), np.array([1, 20, 2]), ["so"]
    )
    leader, members = members_of(source, columns, Family(1, (3, 0, 2)))
    assert leader == Member(20, "sentence", "twenty", "people")
    assert members == (
        Member("so", "word", '"so"', "word"),
        Member(1, "token", "one", "people"),
        Member(2, "token", "feature 2", "number"),
    )
    assert members_of(source, columns, Family(3, ())) == (Member("so", "word", '"so"', "word"), ())


def test_leaders_and_their_strongest_members_are_named_from_these_documents(
    source: NamedStore,
) -> None:
    every = {f: Name(f"new {f}", 0.5, "here") for f in range(9)}
    names = Names(source, np.ones(1, dtype=bool), here=False, _known=dict(every))
    one = finding(0, members=tuple(map(member, (1, "so", 2, 3, 4, 5, 29))))
    found, word = named([one, finding("so", members=(member(6),))], names)
    assert (found.label, found.label_score, found.label_source) == ("new 0", 0.5, "here")
    labels = ["new 1", "old so", "new 2", "new 3", "new 4", "new 5", "old 29"]
    assert [one.label for one in found.members] == labels
    assert [one.label_source for one in found.members][:2] == ["here", "old"]
    assert (word.label, word.label_source, word.members[0].label) == ("old so", "old", "new 6")
    assert math.isnan(word.label_score)
    # The eighth of a family was not asked for.
    assert 29 not in names.of([])
    assert named([], names) == ()

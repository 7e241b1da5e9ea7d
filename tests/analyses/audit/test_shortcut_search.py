"""A finding is told by its most suspect feature, and by none that is no finding by itself."""

import numpy as np
import pytest

from corpuscope.analyses.audit.class_features import ClassFeatures, Counted
from corpuscope.analyses.audit.context_predictability import ContextPredictability
from corpuscope.analyses.audit.shortcut_search import SignificantFamily, most_suspect
from corpuscope.analyses.audit.suspicion import suspicion
from corpuscope.analyses.results.feature_findings import Member


class Known(ClassFeatures):
    """Features of which all is known: share of the class, of the rest, z, and company."""

    def __init__(self, known: dict[int | str, tuple[float, float, float, float]]) -> None:
        self._known = known

    def counted(self, feature: int | str) -> Counted:
        return Counted(*self._known[feature][:3])

    def predictability(self, feature: int | str) -> ContextPredictability:
        return ContextPredictability(self._known[feature][3], 0.03)


def finding(feature: int | str, *members: int | str, z: float, q: float) -> SignificantFamily:
    told = [Member(feature, "token", f"name of {feature}", "here")]
    told += [Member(one, "word", f"name of {one}", "word") for one in members]
    return SignificantFamily(tuple(told), z, q)


BROAD, CONTENT = (0.3, 0.1, 7.0, 0.66), (0.4, 0.1, 9.0, 0.85)


@pytest.mark.parametrize(
    ("rival", "told", "q"),
    [
        ((0.05, 0.0, 5.0, 0.5), "quorvex", 0.02),
        ((0.05, 0.0, 5.0, 0.9), 1, 0.001),
        ((0.05, 0.0, 2.0, 0.5), 1, 0.001),
    ],
    ids=["alone", "has company", "not sure"],
)
def test_a_pure_word_tells_a_broad_feature_if_it_is_sure_and_alone(
    rival: tuple[float, float, float, float], told: int | str, q: float
) -> None:
    of = Known({1: BROAD, "quorvex": rival, 2: CONTENT, 3: (0.1, 0.05, 3.0, 0.8)})
    findings = [
        finding(1, "quorvex", z=7.0, q=0.001),
        finding(2, z=9.0, q=0.0001),
        finding(3, z=3.0, q=0.02),
    ]
    first, *others = most_suspect(findings, "cats", of)
    assert (first.feature, first.q_value) == (told, q)
    assert {first.label, *first.members} == {"name of 1", "name of quorvex"}
    assert [one.feature for one in others] == [2, 3]


def test_what_has_company_counts_half_at_most_however_sure_it_is() -> None:
    of = Known({1: (0.1, 0.0, 5.0, 0.5), 2: (0.2, 0.0, 9.9, 0.62), 3: (0.2, 0.0, 30.0, 0.8)})
    findings = [finding(one, z=of.counted(one).z, q=0.001) for one in (1, 2, 3)]
    alone, doubtful, content = map(suspicion, most_suspect(findings, "cats", of))
    assert alone > doubtful > content
    assert content[0] == 0


def test_what_has_no_company_that_can_be_told_is_alone() -> None:
    of = Known({1: (0.5, 0.1, 6.0, float("nan"))})
    (one,) = most_suspect([finding(1, z=6.0, q=0.01)], "cats", of)
    assert one.nature == "isolated"
    assert np.isnan(one.context_auroc)

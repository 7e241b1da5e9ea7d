"""What `trend` answers is told as a table, as JSON and by its documents."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.results.feature_findings import Member
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.trend.evidence import EvidenceOfTrend
from corpuscope.analyses.trend.ordered_groups import find_ordered_groups
from corpuscope.analyses.trend.result import TrendResult
from corpuscope.errors import PairingError
from corpuscope.labels.named_store import NamedStore
from tests.analyses.trend.test_plot import YEARS, finding
from tests.analyses.worlds import Made, write

RISES, FALLS = 3, 4
Make = Callable[..., TrendResult]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Of four keys over three years; RISES is told of the last one, FALLS of the first."""
    made = [
        Made(
            [f"own{chr(97 + i)}{chr(97 + j)}" for j in range(4)],
            ({RISES} if i % 3 == 2 or not i else set()) | ({FALLS} if i in (0, 2, 3) else set()),
        )
        for i in range(12)
    ]
    source = NamedStore(write(tmp_path_factory.mktemp("result") / "a", made))
    groups = find_ordered_groups(
        np.array([2020, 2021, 2022] * 4, dtype=object), by="year", order=None, max_groups=12,
        keys=np.array([f"k{i // 3}" for i in range(12)], dtype=object),
    )  # fmt: skip
    rows = {RISES: np.arange(2, 12, 3), FALLS: np.array([0, 3])}

    def made_of(**changes: Any) -> TrendResult:
        usual: dict[str, Any] = {
            "candidates": (
                finding("up", feature=RISES, members=(Member(9, "token", "m", "here"),)),
                finding("down", feature=FALLS, slope=-0.1, adjusted_slope=math.nan),
                finding("no", feature=5, q_value=0.2),
            ),
            "q": 0.05, "max_findings": None, "parameters": {"by": "year"}, "store": "a",
            "digest": "abc", "n_documents": 12, "n_tested": 30,
            "raw_q": np.array([0.05, 0.0501, 0.001]), "warnings": ("careful",),
            "suggested_group": None, "names": Names(source, np.ones(12, dtype=bool), here=False),
            "find_kinds": tuple, "find_unadjusted": lambda: None, "groups": YEARS,
            "group_sizes": (4, 4, 4), "is_paired": True,
            "evidence_source": EvidenceOfTrend(source, rows, 5, groups), "detectable": lambda: 0.25,
        }  # fmt: skip
        return TrendResult(**(usual | changes))

    return made_of


def test_the_table_has_a_row_for_each_finding_and_a_column_for_each_group(result: Make) -> None:
    table = result().to_frame()
    assert table["feature"].tolist() == [RISES, FALLS]
    assert table["n_members"].tolist() == [1, 0]
    assert table["lower"].tolist() == [0.1, 0.1]
    assert table["upper"].tolist() == [0.2, 0.2]
    assert table["adjusted_lower"].tolist() == [0.05, 0.05]
    assert table["adjusted_upper"].tolist() == [0.2, 0.2]
    assert table["largest_step"].tolist() == ["2021 to 2022"] * 2
    assert table["largest_change"].tolist() == pytest.approx([0.2, 0.2])
    assert list(table.columns[-3:]) == ["rate 2020", "rate 2021", "rate 2022"]
    assert table["rate 2022"].tolist() == [0.4, 0.4]
    assert not table.isna().drop(columns=["adjusted_slope", "label_score"]).any().any()
    empty = result(candidates=()).to_frame()
    assert list(empty.columns) == list(table.columns)
    assert len(empty) == 0


def test_json_tells_all_of_it(result: Make) -> None:
    told = json.loads(json.dumps(result().to_json(), allow_nan=False))
    assert (told["analysis"], told["groups"]) == ("trend", list(YEARS))
    assert told["group_sizes"] == [4, 4, 4]
    assert (told["n_tested"], told["n_candidates"], told["n_changing"]) == (30, 3, 2)
    assert told["smallest_detectable"] == 0.25
    assert (told["p_anything"], told["sentence_kinds"]) == (None, [])
    up, down = told["findings"]
    assert up["rates"] == {"2020": 0.1, "2021": 0.2, "2022": 0.4}
    assert up["largest_step"]["end"] == "2022"
    assert {shown["side"] for shown in up["evidence"]} == {"2022"}
    assert down["adjusted_slope"] is None
    assert {shown["id"] for shown in down["evidence"]} == {"d0", "d3"}


def test_the_bar_counts_what_changes_before_anything_is_adjusted(result: Make) -> None:
    assert [result(q=q).n_changing for q in (0.05, 0.01, 0.0001)] == [2, 1, 0]


def test_what_is_detectable_is_reckoned_once(result: Make) -> None:
    asked: list[int] = []

    def detectable() -> float:
        asked.append(1)
        return math.nan

    found = result(detectable=detectable)
    assert asked == []
    assert math.isnan(found.smallest_detectable)
    assert found.to_json()["smallest_detectable"] is None
    assert asked == [1]


def test_a_finding_is_shown_from_the_end_where_it_is_frequent(result: Make) -> None:
    found = result()
    assert {one.side for one in found.evidence(0)} == {"2022"}
    assert len(found.evidence(0)) == 4
    both = {RISES: np.array([0, 2, 5, 8, 11]), FALLS: np.array([0, 2, 3])}
    evidence_source = EvidenceOfTrend(
        found.evidence_source.source, both, 5, found.evidence_source.groups
    )
    again = result(evidence_source=evidence_source)
    assert [one.side for one in again.evidence(0)] == ["2022"] * 4 + ["2020"]
    assert [one.side for one in again.evidence(1)] == ["2020", "2020", "2022"]


def test_keys_show_a_finding_over_all_groups(result: Make) -> None:
    found = result()
    assert [[one.side for one in series] for series in found.series(0)] == [list(YEARS)] * 4
    assert {tuple(one.id for one in series) for series in found.series(1)} == {
        ("d0", "d1", "d2"), ("d3", "d4", "d5")
    }  # fmt: skip
    with pytest.raises(PairingError):
        result(is_paired=False).series(0)


def test_the_plot_is_of_the_findings(result: Make) -> None:
    figure = result().plot()
    assert [ax.get_title(loc="left").split()[:3] for ax in figure.axes] == [
        ["1", "feature", "3"], ["2", "feature", "4"]
    ]  # fmt: skip
    assert "1 of 2" in result().plot(n=1).get_suptitle()

"""What `diff` answers is told as a table, as JSON and by its documents."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.diff.evidence import EvidenceOfDiff
from corpuscope.analyses.diff.result import DiffResult
from corpuscope.analyses.results.feature_findings import Member
from corpuscope.analyses.results.naming import Names
from corpuscope.errors import PairingError
from corpuscope.labels.named_store import NamedStore
from tests.analyses.diff.test_plot import finding
from tests.analyses.worlds import Made, write

MORE, LESS = 3, 4


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., DiffResult]:
    """An answer over four pairs: MORE is in two of the target, LESS in all of the reference."""
    made = [
        Made(
            [f"own{chr(97 + i)}{chr(97 + j)}" for j in range(4)],
            ({MORE} if i < 2 else set()) | ({LESS} if i > 3 else set()),
        )
        for i in range(8)
    ]
    source = NamedStore(write(tmp_path_factory.mktemp("result") / "a", made))
    contrast = Contrast("old", np.arange(4), np.arange(4, 8), True, np.array([0, 1, 2, 3] * 2))
    rows = {MORE: np.arange(2), LESS: np.arange(4, 8)}

    def made_of(**changes: Any) -> DiffResult:
        usual: dict[str, Any] = {
            "candidates": (
                finding("more", 0.5, feature=MORE, members=(Member(9, "token", "m", "here"),)),
                finding("less", -1.0, feature=LESS, adjusted_difference=math.nan),
                finding("no", 0.1, feature=5, q_value=0.2),
            ),
            "q": 0.05, "max_findings": None, "parameters": {"by": "model"}, "store": "a",
            "digest": "abc", "n_documents": 8, "n_tested": 30,
            "raw_q": np.array([0.05, 0.0501, 0.001]), "warnings": ("careful",),
            "suggested_group": None, "names": Names(source, np.ones(8, dtype=bool), here=False),
            "find_kinds": tuple, "find_unadjusted": lambda: None, "target": "new",
            "references": ("old",), "is_paired": True,
            "evidence_source": EvidenceOfDiff(source, rows, 5, {"old": contrast}),
            "detectable": lambda: 0.25,
        }  # fmt: skip
        return DiffResult(**(usual | changes))

    return made_of


Make = Callable[..., DiffResult]


def test_the_table_has_a_row_for_each_finding(result: Make) -> None:
    table = result().to_frame()
    assert table["feature"].tolist() == [MORE, LESS]
    assert table["n_members"].tolist() == [1, 0]
    assert table["lower"].tolist() == pytest.approx([0.4, -1.1])
    assert table["upper"].tolist() == pytest.approx([0.55, -0.95])
    assert table["adjusted_lower"].tolist() == pytest.approx([0.05, -0.7])
    assert table["adjusted_upper"].tolist() == pytest.approx([0.35, -0.4])
    assert table["rate_target"].tolist() == [0.5, 0.5]
    assert math.isnan(table["adjusted_difference"][1])
    assert not table.isna().drop(columns=["adjusted_difference", "label_score"]).any().any()


def test_a_table_of_nothing_has_the_same_columns(result: Make) -> None:
    empty = result(candidates=()).to_frame()
    assert len(empty) == 0
    assert list(empty.columns) == list(result().to_frame().columns)


def test_json_tells_all_of_it(result: Make) -> None:
    told = json.loads(json.dumps(result().to_json(), allow_nan=False))
    assert (told["analysis"], told["target"], told["references"]) == ("diff", "new", ["old"])
    assert (told["n_tested"], told["n_candidates"], told["n_differing"]) == (30, 3, 2)
    assert told["smallest_detectable"] == 0.25
    assert (told["p_anything"], told["sentence_kinds"]) == (None, [])
    assert told["warnings"] == ["careful"]
    more, less = told["findings"]
    assert (more["feature"], more["interval"]) == (MORE, pytest.approx([0.4, 0.55]))
    assert less["adjusted_difference"] is None
    assert {shown["side"] for shown in more["evidence"]} == {"target"}
    assert len(less["evidence"]) == 4


def test_the_bar_counts_what_differs_before_anything_is_adjusted(result: Make) -> None:
    assert result().n_differing == 2
    assert result(q=0.01).n_differing == 1
    assert result(q=0.0001).n_differing == 0


def test_what_is_detectable_is_reckoned_once_and_only_when_it_is_asked_for(result: Make) -> None:
    asked: list[int] = []

    def detectable() -> float:
        asked.append(1)
        return math.nan

    found = result(detectable=detectable)
    assert asked == []
    assert math.isnan(found.smallest_detectable)
    assert found.to_json()["smallest_detectable"] is None
    assert asked == [1]


def test_a_finding_is_shown_by_its_documents(result: Make) -> None:
    found = result()
    assert sorted(one.id for one in found.evidence(0)) == ["d0", "d1"]
    assert {one.side for one in found.evidence(1)} == {"reference"}
    with pytest.raises(IndexError):
        found.evidence(2)


def test_the_side_that_has_more_of_it_leads_its_pairs(result: Make) -> None:
    found = result()
    assert sorted((a.id, b.id) for a, b in found.pairs(0)) == [("d0", "d4"), ("d1", "d5")]
    assert all(a.strength > 0 == b.strength for a, b in found.pairs(0))
    assert len(found.pairs(1)) == 4
    assert all(a.strength == 0 < b.strength for a, b in found.pairs(1))
    assert all((a.side, b.side) == ("target", "reference") for a, b in found.pairs(1))


def test_without_pairs_there_are_none(result: Make) -> None:
    with pytest.raises(PairingError, match="new"):
        result(is_paired=False).pairs(0)


def test_the_plot_is_of_the_findings(result: Make) -> None:
    ax = result().plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["feature 3 (+1)", "feature 4"]
    assert "1 of 2" in result().plot(n=1).get_title(loc="left")

"""An audit's lines as a table, as JSON, as a report and as a plot."""

import json
import re
from dataclasses import replace

import pytest
from matplotlib import pyplot as plt

from corpuscope.analyses.audit.finding import NEXT_STEPS, Line, ShortcutLine
from corpuscope.analyses.audit.result import AuditResult, score_of, subject_of
from corpuscope.ranges import CHECKS
from corpuscope.store.evidence import Evidence

SHORTCUT = ShortcutLine(
    "spam", 3, "many *stars*", ("cash",), "isolated", 0.4, 0.1, 0.65, float("nan"), 0.6, 5.0,
    0.01, sentences=((3, 1),), reason="because_of",
    evidence=(Evidence("d3", "a" * 150 + " cash " + "b" * 150, "spam", ((151, 155),), 1.5),),
)  # fmt: skip
COPY = Line("d9", 0.93, "near d2", others=("d2",), evidence=(Evidence("d9", "x\n y", None, (), 0),))
FOUND = AuditResult(
    shortcuts=(SHORTCUT,), suspect_labels=(Line("d1", 0.8, "hm", given="a", instead="b"),),
    duplicates=(COPY, Line("d8", 0.85, "near d4", others=("d4",))), leaks=(), templates=(),
    oddities=(), small_groups=(), counts=dict.fromkeys(CHECKS, 0) | {"duplicates": 1234},
    parameters={"label": "kind"}, store="s", digest="f00", n_documents=4567,
    warnings=("watch out",),
)  # fmt: skip
NOTHING = replace(FOUND, shortcuts=(), suspect_labels=(), duplicates=(), warnings=())


def test_all_lines_count() -> None:
    assert len(FOUND) == 4
    assert len(NOTHING) == 0
    assert FOUND.lines("duplicates") == FOUND.duplicates
    assert FOUND.lines("shortcuts") == (SHORTCUT,)


def test_a_line_is_about_a_document_and_a_shortcut_about_its_feature_and_class() -> None:
    assert subject_of(COPY) == "d9"
    assert subject_of(SHORTCUT) == "many *stars* (spam)"
    assert score_of(COPY) == 0.93
    assert score_of(SHORTCUT) == 0.65


def test_the_table_has_a_row_for_each_line_in_the_order_of_checks() -> None:
    table = FOUND.to_frame()
    assert table.columns.tolist() == ["check", "subject", "score", "reason"]
    assert table.to_numpy().tolist() == [
        ["shortcuts", "many *stars* (spam)", 0.65, "because_of"],
        ["suspect_labels", "d1", 0.8, "hm"],
        ["duplicates", "d9", 0.93, "near d2"],
        ["duplicates", "d8", 0.85, "near d4"],
    ]
    empty = NOTHING.to_frame()
    assert len(empty) == 0
    assert empty.columns.tolist() == table.columns.tolist()


def test_json_has_every_check_and_can_be_written() -> None:
    found = json.loads(json.dumps(FOUND.to_json(), allow_nan=False))
    assert found["analysis"] == "audit"
    assert found["store"] == {"path": "s", "digest": "f00"}
    assert (found["n_documents"], found["warnings"]) == (4567, ["watch out"])
    assert found["counts"]["duplicates"] == 1234
    assert [len(found[check]) for check in CHECKS] == [1, 1, 2, 0, 0, 0, 0]
    (shortcut,) = found["shortcuts"]
    assert shortcut["context_auroc"] is shortcut["company"] is None
    assert shortcut["alone_below"] == shortcut["isolated_below"] == 0.6
    assert shortcut["score"] == 0.65
    assert shortcut["next_step"] == NEXT_STEPS["shortcuts"]
    assert shortcut["evidence"][0]["spans"] == [[151, 155]]
    assert "sentences" not in shortcut
    (label,) = found["suspect_labels"]
    assert (label["given"], label["instead"], label["score"]) == ("a", "b", 0.8)
    assert found["duplicates"][0]["others"] == ["d2"]
    assert "company" not in label


def test_the_report_has_a_heading_for_each_check_that_found_something() -> None:
    report = FOUND.to_markdown()
    lines = report.split("\n")
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Shortcuts", "## Suspect labels", "## Duplicates"]
    assert "4,567" in report
    assert any("watch out" in line for line in lines)
    # All but two of the duplicates are not shown; of the others there are no more.
    more = [line for line in lines if "1,234" in line]
    assert len(more) == 1
    assert "2" in more[0]
    assert sum(NEXT_STEPS["duplicates"] in line for line in lines) == 1
    numbered = [line for line in lines if re.match(r"\d+\. ", line)]
    assert [line.partition(".")[0] for line in numbered] == ["1", "1", "1", "2"]
    assert report.endswith("\n")


def test_the_report_shows_a_hundred_characters_around_a_place_and_escapes_signs() -> None:
    report = FOUND.to_markdown()
    assert r"many \*stars\*" in report
    assert r"because\_of" in report
    # The place is 151 to 155: from 51 to 255, of which the first 99 are of "a".
    assert f"`d3`: …{'a' * 99} cash {'b' * 99}…" in report
    assert "`d9`: x y\n" in report


def test_the_report_of_nothing_has_no_headings_of_checks() -> None:
    report = NOTHING.to_markdown()
    assert "##" not in report
    assert report.startswith("# ")


def test_the_plot_has_the_shortcuts() -> None:
    plt.switch_backend("Agg")
    axes = FOUND.plot()
    assert [text.get_text() for text in axes.texts] == ["many *stars*"]


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_keeps_its_own_lines(check: str) -> None:
    line = SHORTCUT if check == "shortcuts" else COPY
    only = replace(NOTHING, **{check: (line,)})  # type: ignore[arg-type]
    assert [one for one in CHECKS if only.lines(one)] == [check]
    assert only.to_frame()["check"].tolist() == [check]

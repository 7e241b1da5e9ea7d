"""Findings on a terminal: marks beside labels, a legend for those that occur, and a table."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.analyses.results.feature_findings import FeatureAnswer, FeatureFinding, Member
from corpuscope.analyses.results.naming import Names
from corpuscope.cli.terminal.findings import (
    N_BESIDE,
    N_WITH_TEXTS,
    WIDE,
    FindingsView,
    detectable_in_words,
    explain_findings,
    explain_marks,
    headline_of,
    name_cell,
    name_of,
    print_title,
)
from corpuscope.cli.terminal.text import add_numbers
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.evidence import Evidence
from tests.store.worlds import record, write

PLAIN = FeatureFinding(
    feature="w", kind="word", label="a label", label_score=0.9, label_source="here", members=(),
    p_value=0.001, q_value=0.0123, replicated=True, z=3.0, adds_length=False,
)  # fmt: skip
LEGENDS = {"°": "°  The dictionary's own label", "?": "?  Label score below 0.5", "↔": "↔  Adds"}


def finding(name: str, **changed: Any) -> FeatureFinding:
    return replace(PLAIN, feature=name, label=name, **changed)


def console(width: int = 200) -> tuple[Console, io.StringIO]:
    """A console without colours, and what it prints."""
    written = io.StringIO()
    return Console(file=written, width=width, highlight=False, color_system=None), written


def members(*labels: str) -> tuple[Member, ...]:
    return tuple(Member(i, "token", label, "here") for i, label in enumerate(labels))


@pytest.mark.parametrize(
    ("score", "source", "marks"),
    [
        (0.9, "here", ""), (0.5, "here", ""), (0.49, "here", " ?"), (0.9, "dictionary", " °"),
        (0.1, "dictionary", " ° ?"), (math.nan, "word", ""), (math.nan, "dictionary", " °"),
        (math.nan, "neuronpedia", " †"), (0.2, "theirs.csv", " † ?"), (0.9, "llm: m", ""),
        (0.9, "people", ""),
    ],
)  # fmt: skip
def test_labels_that_are_unsure_or_from_other_texts_are_marked(
    score: float, source: str, marks: str
) -> None:
    assert name_cell("größe", score, source).plain == f"größe{marks}"
    assert name_cell("a\nb", score, source, " more").plain == f"a⏎ b{marks} more"


def test_a_finding_says_how_many_features_it_stands_for_and_whether_it_adds_length() -> None:
    assert name_of(PLAIN).plain == "a label"
    many = finding("x", members=members("a", "b", "c"), label_score=0.2)
    assert name_of(many).plain == "x ?  (+3)"
    assert name_of(replace(many, adds_length=True, label_source="dictionary")).plain == (
        "x ° ? ↔  (+3)"
    )


def test_sources_of_labels_of_others_are_told() -> None:
    screen, written = console()
    explain_marks(screen, [(0.9, "neuronpedia"), (0.9, "here"), (0.9, "theirs.csv")])
    assert written.getvalue().strip().endswith("other texts: neuronpedia, theirs.csv.")


def legend_of(found: Sequence[FeatureFinding]) -> str:
    """The marks that are explained, in order."""
    screen, written = console()
    explain_findings(screen, found)
    lines = written.getvalue().splitlines()
    marks = "".join(line[0] for line in lines)
    assert all(line.startswith(LEGENDS[line[0]]) for line in lines)
    return marks


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ([], ""),
        ([{}, {"label_score": math.nan}], ""),
        ([{}, {"label_source": "dictionary"}, {"label_source": "dictionary"}], "°"),
        ([{"label_score": 0.1}], "?"),
        ([{"adds_length": True}, {"label_score": 0.1}, {"label_source": "dictionary"}], "↔°?"),
    ],
)
def test_marks_that_occur_are_explained_once(changes: list[dict[str, Any]], marks: str) -> None:
    found = [replace(PLAIN, **change) for change in changes]
    assert legend_of(found) == marks
    # A mark is explained where a label has it, and nowhere else.
    cells = "".join(name_of(one).plain for one in found)
    assert set(marks) == {mark for mark in LEGENDS if mark in cells}


def test_marks_of_names_alone_are_explained() -> None:
    screen, written = console()
    explain_marks(screen, iter([(0.9, "here"), (0.1, "dictionary")]))
    assert [line[0] for line in written.getvalue().splitlines()] == ["°", "?"]


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        ((), None),
        (("b", "c", "b"), "   with: b, c"),
        # The label of the finding itself says nothing more.
        (("x", "x"), None),
        (("x", "y\n"), "   with: y⏎"),
        (tuple("abcdefgh"), "   with: a, b, c, d, e, f"),
    ],
)
def test_a_title_has_the_labels_of_six_members(labels: tuple[str, ...], line: str | None) -> None:
    screen, written = console()
    print_title(screen, 3, finding("x", members=members(*labels)))
    title, *rest = written.getvalue().splitlines()[1:]
    assert title == "4  x"
    assert [one.rstrip() for one in rest] == ([] if line is None else [line])


@pytest.mark.parametrize(
    ("bar", "expected"), [(0.123, "12 points"), (1.0, "100 points"), (math.nan, "too few")]
)
def test_what_could_be_detected_is_in_points_or_nothing(bar: float, expected: str) -> None:
    assert detectable_in_words(bar, none="too few", some="{points:.0f} points") == expected


@dataclass(frozen=True)
class Answered(FeatureAnswer[FeatureFinding, Any]):
    """An answer whose documents are not asked for."""

    def evidence(self, i: int) -> list[Evidence]:
        return []


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(write(tmp_path_factory.mktemp("findings") / "s.scope", [record("d")]))


def answer(
    source: NamedStore,
    found: Sequence[FeatureFinding],
    beside: Sequence[FeatureFinding] = (),
    *,
    adjust: bool = True,
) -> Answered:
    plain: dict[str, Any] = {
        "q": 0.05, "max_findings": None, "n_tested": 1234, "raw_q": np.zeros(1),
        "suggested_group": None, "names": Names(source, np.ones(1, dtype=bool), here=False),
        "find_kinds": tuple, "parameters": {"adjust": adjust}, "store": "s", "digest": "",
        "n_documents": 5678, "warnings": (),
    }  # fmt: skip
    other = Answered(candidates=tuple(beside), find_unadjusted=lambda: None, **plain)
    return Answered(candidates=tuple(found), find_unadjusted=lambda: other, **plain)


@pytest.mark.parametrize(
    ("n", "is_paired", "expected"),
    [
        (0, False, "0 findings: a vs. b; 5,678 documents; 1,234 features tested"),
        (1, True, "1 finding: a vs. b; 5,678 documents, paired; 1,234 features tested"),
        (2, False, "2 findings: a vs. b; 5,678 documents; 1,234 features tested"),
    ],
)
def test_a_headline_counts(n: int, is_paired: bool, expected: str, source: NamedStore) -> None:
    found = answer(source, [finding(f"f{i}") for i in range(n)])
    assert headline_of(found, "a vs. b", is_paired=is_paired).plain == expected


def printed(found: Answered, *, width: int = 100, n_evidence: int = 2) -> list[str]:
    """The lines of a view whose parts say their names."""

    def columns(table: Table, _found: Answered, is_wide: bool) -> None:
        add_numbers(table, "wide" if is_wide else "narrow")

    def cells(given: Answered, i: int, _is_wide: bool) -> list[Text | str]:
        return [f"cell of {given.findings[i].feature}"]

    def legend(screen: Console, shown: Sequence[Any]) -> None:
        screen.print(f"legend of {len(shown)}")

    def evidence(screen: Console, given: Answered, i: int, n: int) -> None:
        screen.print(f"{n} texts of {given.findings[i].feature}")

    view: FindingsView[Answered] = FindingsView(
        kinds=lambda screen, _: screen.print("kinds"),
        headline=lambda given: Text(f"headline of {len(given)}"),
        columns=columns,
        cells=cells,
        nothing=lambda _: "nothing",
        different="unlike",
        legend=legend,
        evidence=evidence,
    )
    screen, written = console(width)
    view.print(found, n_evidence, screen)
    return [line.rstrip() for line in written.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize(("width", "name"), [(WIDE - 1, "narrow"), (WIDE, "wide")])
def test_findings_are_numbered_in_a_table_with_their_q(
    width: int, name: str, source: NamedStore
) -> None:
    found = answer(source, [finding("one"), finding("two", q_value=3e-9)])
    kinds, headline, header, first, second, legend, *texts = printed(found, width=width)
    assert (kinds, headline, legend) == ("kinds", "headline of 2", "legend of 2")
    assert header.split() == ["feature", name, "q"]
    assert first.split() == ["1", "one", "cell", "of", "one", "0.01"]
    assert second.split() == ["2", "two", "cell", "of", "two", "3e-09"]
    assert texts == ["2 texts of one", "2 texts of two"]


@pytest.mark.parametrize("n_evidence", [0, 3])
def test_the_first_five_are_shown_with_texts(n_evidence: int, source: NamedStore) -> None:
    lines = printed(answer(source, [finding(f"f{i}") for i in range(9)]), n_evidence=n_evidence)
    texts = [line for line in lines if "texts of" in line]
    n = N_WITH_TEXTS if n_evidence else 0
    assert texts == [f"{n_evidence} texts of f{i}" for i in range(n)]


def test_nothing_found_is_said_in_words(source: NamedStore) -> None:
    assert printed(answer(source, [])) == ["kinds", "headline of 0", "nothing", "legend of 0"]


@pytest.mark.parametrize("adjust", [True, False])
def test_what_length_explains_is_beside_unless_nothing_was_adjusted(
    adjust: bool, source: NamedStore
) -> None:
    beside = [finding("kept"), *(finding(f"b{i}") for i in range(N_BESIDE + 3))]
    lines = printed(answer(source, [finding("kept")], beside, adjust=adjust))
    shown = [line.split()[1] for line in lines if "cell of" in line]
    expected = [f"b{i}" for i in range(N_BESIDE)] if adjust else []
    assert shown == ["kept", *expected]
    assert any("Also unlike, but not significant" in line for line in lines) == adjust
    assert f"legend of {1 + len(expected)}" in lines
    # Texts are shown of findings alone.
    assert [line for line in lines if "texts of" in line] == ["2 texts of kept"]


def test_what_is_beside_a_finding_that_has_it_as_member_is_not_told_again(
    source: NamedStore,
) -> None:
    folded = finding("lead", members=(Member("b1", "word", "b1", "word"),))
    lines = printed(answer(source, [folded], [finding("b1"), finding("b2")]))
    assert [line.split()[1] for line in lines if "cell of" in line] == ["lead", "b2"]


def test_labels_with_marks_are_in_the_table(source: NamedStore) -> None:
    found = answer(source, [finding("one", label_score=0.1, adds_length=True)])
    (line,) = [line for line in printed(found) if "cell of" in line]
    assert line.split()[:4] == ["1", "one", "?", "↔"]

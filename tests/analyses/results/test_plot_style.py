"""A label is told on two lines, whatever its length and its signs."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.results.feature_findings import FeatureFinding, Member
from corpuscope.analyses.results.plot_style import LOOKS, label_lines


def finding(label: str, n_members: int = 0) -> FeatureFinding:
    members = tuple(Member(i, "token", f"member {i}", "words") for i in range(n_members))
    return FeatureFinding(
        feature=3, kind="token", label=label, label_score=math.nan, label_source="here",
        members=members, p_value=0.001, q_value=0.01, replicated=True, z=3.0, adds_length=False,
    )  # fmt: skip


def test_each_kind_has_a_colour_and_a_shape_of_its_own() -> None:
    assert set(LOOKS) == {"word", "token", "sentence"}
    for part in ("colour", "marker", "name"):
        assert len({getattr(look, part) for look in LOOKS.values()}) == 3


def test_a_short_label_stays_as_it_is_with_the_number_of_members() -> None:
    assert label_lines(finding('"indeed"')) == '"indeed"'
    assert label_lines(finding('"indeed"', 3)) == '"indeed" (+3)'


def test_a_longer_one_goes_over_two_lines_and_is_cut_beyond() -> None:
    words = " ".join(f"word{i:02}" for i in range(30))
    two = label_lines(finding(words[:80]))
    assert two.split("\n") == [words[:41], words[42:80]]
    cut = label_lines(finding(words, 12))
    assert cut.count("\n") == 1
    assert cut.endswith("… (+12)")
    assert cut.replace("\n", " ").removesuffix(" … (+12)") in words


@settings(max_examples=30)
@given(
    st.lists(st.text("abcdefg$", min_size=1, max_size=9), min_size=1, max_size=40),
    st.integers(0, 11),
    st.sampled_from([32, 44]),
)
def test_no_line_is_wider_than_it_may_be(words: list[str], n: int, width: int) -> None:
    told = label_lines(finding(" ".join(words), n), width=width)
    lines = told.replace(r"\$", "$").split("\n")
    assert all(0 < len(line) <= width for line in lines)
    assert told.startswith(words[0].replace("$", r"\$"))


@pytest.mark.xfail(strict=True, reason="it is cut by its characters, and lines end between words")
def test_a_label_whose_words_leave_gaps_takes_no_third_line() -> None:
    words = "a a aaaa aaaaaa aaaaaaa aaaaaaaaa a aaa aaaa aaaaaaa"
    assert label_lines(finding(words, 1), width=32).count("\n") == 1


@pytest.mark.parametrize("label", ["$x$", "costs $5 or $6", r"\$"])
def test_dollars_are_no_formula(label: str) -> None:
    told = label_lines(finding(label))
    assert told.count(r"\$") == told.count("$") == label.count("$")

"""A line of an audit repeats its shortcut, says it in words and shows texts."""

from dataclasses import fields

from corpuscope.analyses.audit.finding import NEXT_STEPS, ShortcutLine
from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.ranges import CHECKS
from corpuscope.store.evidence import Evidence


def test_a_line_has_all_that_its_shortcut_has() -> None:
    shortcut = Shortcut(
        "spam", 3, "offers", ("cash",), "content", 0.4, 0.1, 0.65, 0.8, 0.6, 7.5, 0.02,
        label_source="here", member_features=("cash",), sentences=((3, 1), (5, 0)),
    )  # fmt: skip
    shown = (Evidence("d3", "cash now", "spam", ((0, 4),), 1.5),)
    line = ShortcutLine.of(shortcut, shown)
    for field in fields(Shortcut):
        assert getattr(line, field.name) == getattr(shortcut, field.name), field.name
    assert line.reason == shortcut.in_words()
    assert line.evidence == shown


def test_each_check_has_a_next_step_of_its_own() -> None:
    assert set(NEXT_STEPS) == set(CHECKS)
    assert len(set(NEXT_STEPS.values())) == len(CHECKS)

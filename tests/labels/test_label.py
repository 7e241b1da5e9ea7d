"""A label fits a context by which of its parts are true of it, the first most."""

import pytest

from corpuscope.labels.label import WEIGHTS, Clause, Label
from tests.labels.worlds import sentence, token

LABEL = Label(
    "token", "made up", (Clause(("word=may", "word=might")), Clause(("in=question",)),
                         Clause(("near=river",))),
)  # fmt: skip


def test_a_clause_has_a_slot_and_values() -> None:
    clause = Clause(("after=of the", "after=a=b"))
    assert clause.slot == "after"
    assert clause.values == ("of the", "a=b")


@pytest.mark.parametrize(
    ("traits", "won"),
    [((), 0), (("word=might",), 12), (("word=may", "word=might"), 12), (("in=question",), 6),
     (("near=river", "in=question"), 10), (("word=may", "in=question", "near=river", "x=y"), 22),
     (("word=mayhem",), 0)],
)  # fmt: skip
def test_a_fit_is_the_weight_of_what_is_true(traits: tuple[str, ...], won: int) -> None:
    assert LABEL.fit(frozenset(traits)) == pytest.approx(won / 22)


def test_weights_fall_as_one_half_a_third_a_quarter_and_a_sixth() -> None:
    assert [WEIGHTS[0] / weight for weight in WEIGHTS] == [1, 2, 3, 4, 6]
    whole = Label("token", "x", tuple(Clause((f"word={letter}",)) for letter in "abcde"))
    assert whole.fit(frozenset({"word=a"})) == pytest.approx(12 / 27)
    assert whole.fit(frozenset(f"word={letter}" for letter in "abcde")) == 1


def test_a_label_without_parts_fits_nothing() -> None:
    assert Label("token", None, reason="too few").fit(frozenset({"word=may"})) == 0


def test_contexts_are_matched_by_their_own_traits() -> None:
    here = token("May we cross the river?", "May")
    assert LABEL.matches(here) == 1
    assert LABEL.matches(token("You may go.", "may")) == pytest.approx(12 / 22)
    assert LABEL.matches(token("You may go.", "go")) == 0
    asked = Label("sentence", "question", (Clause(("form=question",)), Clause(("word=river",))))
    assert asked.matches(sentence("The rivers?")) == 1
    assert asked.matches(sentence("Where?")) == pytest.approx(12 / 18)

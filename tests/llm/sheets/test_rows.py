"""Fields of an answer are rows of a sheet, their reasons beside them."""

import pytest

from corpuscope.llm.schema import Schema, choice, listing, number, record_of, text
from corpuscope.llm.sheets.rows import allowed_in, decisions_in, listed, value_of

VERDICTS = choice(["first", "second"])


def test_a_reason_belongs_to_the_field_after_it() -> None:
    form = Schema(
        "f", {"reason_1": text(), "verdict_1": VERDICTS, "label": text(), "why": text(),
              "grade": number(least=0, most=2), "reason": text()}
    )  # fmt: skip
    found = decisions_in(form)
    assert [(one.field, one.reason) for one in found] == [
        ("verdict_1", "reason_1"), ("label", None), ("grade", "why"),
    ]  # fmt: skip
    assert [one.allowed for one in found] == [("first", "second"), (), (0, 1, 2)]
    whole = value_of(form, {"grade": 1, "verdict_1": "first", "label": "x"})
    assert list(whole) == list(form.fields)
    assert form.faults(whole) == []


@pytest.mark.parametrize(
    "form", [listing(text()), record_of(a=text()), {"type": "integer"}, {"type": "boolean"}]
)
def test_forms_that_are_no_row_have_none(form: dict[str, object]) -> None:
    assert decisions_in(Schema("f", {"verdict": VERDICTS, "other": form})) == []


def test_values_are_matched_whatever_their_case() -> None:
    (grade,) = decisions_in(Schema("f", {"grade": number(least=0, most=2)}))
    assert (grade.value("0"), grade.value("2"), grade.value("3")) == (0, 2, None)
    (label,) = decisions_in(Schema("f", {"label": text()}))
    assert label.value("Any text") == "Any text"
    assert allowed_in("FIRST", ("first", "second")) == "first"
    assert allowed_in("SECOND", listed(("first", "second"))) == "second"
    assert allowed_in("third", listed(("first", "second"))) is None

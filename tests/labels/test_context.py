"""A unit is the characters between its start and its end."""

import pytest

from corpuscope.labels.context import FeatureContext


@pytest.mark.parametrize(
    ("start", "end", "unit"), [(0, 3, "Die"), (4, 9, "Größe"), (9, 9, ""), (0, 11, "Die Größe 雪")]
)
def test_a_unit_is_its_characters(start: int, end: int, unit: str) -> None:
    context = FeatureContext("Die Größe 雪", start, end, 1.0, "d")
    assert context.unit == unit
    assert (context.row, context.before, context.opens_text) == (-1, "", False)

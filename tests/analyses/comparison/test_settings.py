"""Settings are checked by name before anything is computed."""

import dataclasses

import pytest

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.errors import InputError


def test_what_is_left_out_is_in_range() -> None:
    ComparisonSettings().check(q=0.05)


@pytest.mark.parametrize(
    ("name", "value", "is_right"),
    [
        ("q", 0.0, False),
        ("holdout", 1.0, False),
        ("holdout", 0.3, True),
        ("evidence", -1, False),
        ("evidence", 0, True),
        ("min_support", 4, False),
        ("min_support", 5, True),
    ],
)
def test_each_number_is_checked(name: str, value: float, is_right: bool) -> None:
    options = {} if name == "q" else {name: value}
    made, q = ComparisonSettings(**options), value if name == "q" else 0.05  # type: ignore[arg-type]
    if is_right:
        made.check(q=q)
        return
    with pytest.raises(InputError, match=name):
        made.check(q=q)


def test_settings_are_named_and_stay_as_they_are() -> None:
    with pytest.raises(TypeError):
        ComparisonSettings(True)  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ComparisonSettings().seed = 1  # type: ignore[misc]

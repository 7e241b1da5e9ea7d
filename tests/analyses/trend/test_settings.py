"""Settings of a trend are those of a comparison and two of its own, and all are recorded."""

import dataclasses
import inspect
from typing import Any

import pytest

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.trend.analysis import _PARAMETERS
from corpuscope.analyses.trend.settings import TrendSettings
from corpuscope.cli.commands.trend import trend
from corpuscope.errors import InputError
from corpuscope.ranges import LEAST_GROUPS


def defaults(kind: type) -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(kind)}


def test_what_both_comparisons_have_is_the_same_in_both() -> None:
    mine, shared = defaults(TrendSettings), defaults(ComparisonSettings)
    assert mine.items() >= shared.items()
    assert mine.keys() - shared.keys() == {"max_groups", "day_first"}


def test_the_command_has_the_same_defaults() -> None:
    options = {name: one.default for name, one in inspect.signature(trend).parameters.items()}
    own = {name: options[name] for name in ("max_groups", "day_first")}
    assert TrendSettings(**own) == TrendSettings()
    assert TrendSettings().max_groups >= LEAST_GROUPS


def test_every_setting_is_recorded_with_the_answer() -> None:
    assert set(defaults(TrendSettings)) <= set(_PARAMETERS)
    assert len(set(_PARAMETERS)) == len(_PARAMETERS)


@pytest.mark.parametrize(
    ("name", "value"),
    [("q", 1.0), ("holdout", 0.0), ("evidence", -1), ("min_support", 4), ("q", float("nan"))],
)
def test_numbers_of_the_comparison_are_checked(name: str, value: float) -> None:
    settings = TrendSettings(max_groups=5, day_first=True)
    settings.check(q=0.1)
    changed = settings if name == "q" else dataclasses.replace(settings, **{name: value})  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        changed.check(q=value if name == "q" else 0.1)
    assert caught.value.found == f"{name} is {value}"

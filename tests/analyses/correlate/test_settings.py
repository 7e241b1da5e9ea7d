"""Numbers out of their ranges are refused by name."""

import pytest

from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.errors import InputError


def test_the_defaults_are_valid() -> None:
    CorrelateSettings().check(q=0.05, min_npmi=0.3)
    CorrelateSettings(unexpected_below=0.0, min_support=5, evidence=0).check(q=0.5, min_npmi=0.0)


@pytest.mark.parametrize(
    ("settings", "asked", "name"),
    [({}, {"q": 0.0}, "q"), ({}, {"q": 1.0}, "q"), ({}, {"min_npmi": 1.0}, "min_npmi"),
     ({}, {"min_npmi": -0.1}, "min_npmi"), ({"holdout": 1.0}, {}, "holdout"),
     ({"evidence": -1}, {}, "evidence"), ({"min_support": 4}, {}, "min_support"),
     ({"unexpected_below": 1.1}, {}, "unexpected_below")],
)  # fmt: skip
def test_what_is_out_of_its_range_is_named(
    settings: dict[str, float], asked: dict[str, float], name: str
) -> None:
    numbers = {"q": 0.05, "min_npmi": 0.3} | asked
    with pytest.raises(InputError, match=name) as caught:
        CorrelateSettings(**settings).check(**numbers)  # type: ignore[arg-type]
    assert caught.value.expected
    assert caught.value.next_step

"""Settings of claims that make no sense are named."""

import pytest

from corpuscope.claiming.settings import ClaimSettings
from corpuscope.errors import InputError


def test_the_defaults_are_in_range() -> None:
    ClaimSettings().check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 9}, {"max_claims": 0}, {"max_claims": 21}, {"max_findings": 0}, {"per_call": 11},
        {"n_planted": -1}, {"max_characters": 0}, {"smallest": 0.0}, {"alpha": 1.0},
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_named(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(InputError, match=name):
        ClaimSettings(**wrong).check()  # type: ignore[arg-type]

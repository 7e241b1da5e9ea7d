"""What `trend` cannot answer is refused with what was found, expected, and to be done."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope import errors
from corpuscope.analyses.trend.analysis import trend
from corpuscope.store.store import Store
from tests.analyses.worlds import noise, write
from tests.asking import ask


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = noise(np.random.default_rng(0), 60)
    for number, document in enumerate(made):
        document.metadata = {
            "year": 2019 + number % 3,
            "name": ("alpha", "beta", "rc1")[number % 3],
            "half": number % 2,
            "same": "x",
            "none": None,
            "prompt": number // 3,
            "own": number,
            "doubled": number // 6,
            "few": 0 if number < 3 else 1 + number % 2,
        }
    return write(tmp_path_factory.mktemp("s") / "s", made)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"by": "colour"}, errors.ColumnNotFound, "'year', 'name', 'half'"),
        ({"by": "year", "pair": "colour"}, errors.ColumnNotFound, "colour"),
        ({"by": "year", "strata": ["colour"]}, errors.ColumnNotFound, "colour"),
        ({"by": "name"}, errors.InputError, "'alpha', 'beta', 'rc1'"),
        ({"by": "name", "order": ["alpha", "gamma", "rc1"]}, errors.GroupNotFound, "'gamma'"),
        ({"by": "name", "order": ["alpha", "beta", "alpha"]}, errors.InputError, "more than once"),
        ({"by": "name", "order": ["alpha", "beta"]}, errors.NotEnoughData, "with diff"),
        ({"by": "half"}, errors.NotEnoughData, "3 groups or more"),
        ({"by": "same"}, errors.NotEnoughData, "1 group: 'x'"),
        ({"by": "none"}, errors.NotEnoughData, "0 groups"),
        ({}, errors.NotEnoughData, "1 group: "),
        ({"by": [1, 2, 3]}, errors.InputError, "3 group values for 60 documents"),
        ({"by": "few"}, errors.NotEnoughData, "'0' of 'few' has 3 documents"),
        ({"by": "year", "pair": "year"}, errors.PairingError, "both 'year'"),
        ({"by": "year", "pair": "own"}, errors.PairingError, "no key"),
        ({"by": "year", "group": "half"}, errors.NotEnoughData, "at least 4: clusters"),
        ({"by": "year", "strata": ["year"]}, errors.InputError, "both by and strata"),
        ({"by": "year", "max_groups": 2}, errors.InputError, "max_groups is 2"),
        ({"by": "year", "q": 0.0}, errors.InputError, "q is 0.0"),
        ({"by": "year", "holdout": 1.0}, errors.InputError, "holdout is 1.0"),
        ({"by": "year", "holdout": 0.01}, errors.NotEnoughData, "closer to 0.5"),
        ({"by": "year", "evidence": -1}, errors.InputError, "evidence is -1"),
    ],
)
def test_bad_questions_are_refused_with_the_next_step(
    store: Store, asked: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as refused:
        ask(trend, store, **asked)
    assert says in str(refused.value)
    assert "Next: " in str(refused.value)


def test_a_small_group_can_be_left_out_or_put_together(store: Store) -> None:
    years = np.arange(60) // 2
    years[0] = -1
    found = trend(store, by=years.tolist())
    assert len(found.groups) == 3
    assert sum(found.group_sizes) == 60


def test_stores_of_two_dictionaries_are_refused(tmp_path: Path, store: Store) -> None:
    other = write(tmp_path / "o", noise(np.random.default_rng(1), 20), dictionary="xyz")
    with pytest.raises(errors.FeatureMismatch, match="xyz"):
        trend([store, other, store])

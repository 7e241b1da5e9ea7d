"""What `diff` cannot answer is refused with what was found, expected, and to be done."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope import errors
from corpuscope.analyses.diff.analysis import diff
from corpuscope.store.store import Store
from tests.analyses.worlds import noise, write
from tests.asking import ask


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = noise(np.random.default_rng(0), 60)
    for number, document in enumerate(made):
        document.metadata = {
            "model": "new" if number % 2 else "old",
            "prompt": number // 2,
            "third": "abc"[number % 3],
            "same": "x",
            "own": number,
            "doubled": number // 4,
            "few": "rare" if number < 3 else "usual",
        }
    return write(tmp_path_factory.mktemp("s") / "s", made)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"by": "colour"}, errors.ColumnNotFound, "'model', 'prompt', 'third'"),
        ({"by": "model", "pair": "colour"}, errors.ColumnNotFound, "colour"),
        ({"by": "model", "strata": ["colour"]}, errors.ColumnNotFound, "colour"),
        ({"by": "model", "target": "newest"}, errors.GroupNotFound, "'new': 30, 'old': 30"),
        ({"by": "model", "reference": "newest"}, errors.GroupNotFound, "newest"),
        ({"by": "model", "target": "new", "reference": "new"}, errors.GroupNotFound, "both"),
        ({"by": "third"}, errors.GroupNotFound, "name the target"),
        ({"by": "same"}, errors.NotEnoughData, "'x': 60"),
        ({}, errors.NotEnoughData, "two groups"),
        ({"by": "few"}, errors.NotEnoughData, "at least 4"),
        ({"by": "model", "pair": "model"}, errors.PairingError, "both 'model'"),
        ({"by": "model", "pair": "own"}, errors.PairingError, "no key"),
        ({"by": "model", "group": "model"}, errors.InputError, "by and group"),
        ({"by": "model", "group": "colour"}, errors.ColumnNotFound, "colour"),
        ({"by": "model", "group": "third"}, errors.NotEnoughData, "at least 4: clusters"),
        ({"by": "model", "strata": ["model"]}, errors.InputError, "both by and strata"),
        ({"by": "model", "q": 0.0}, errors.InputError, "q is 0.0"),
        ({"by": "model", "q": 1.0}, errors.InputError, "q is 1.0"),
        ({"by": "model", "holdout": 1.0}, errors.InputError, "holdout is 1.0"),
        ({"by": "model", "holdout": 0.01}, errors.NotEnoughData, "closer to 0.5"),
        ({"by": "model", "evidence": -1}, errors.InputError, "evidence is -1"),
    ],
)
def test_bad_questions_are_refused_with_the_next_step(
    store: Store, asked: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as refused:
        ask(diff, store, **asked)
    assert says in str(refused.value)
    assert "Next: " in str(refused.value)


def test_stores_of_two_dictionaries_are_refused(tmp_path: Path, store: Store) -> None:
    other = write(tmp_path / "o", noise(np.random.default_rng(1), 20), dictionary="xyz")
    with pytest.raises(errors.FeatureMismatch, match="xyz"):
        diff([store, other])


def test_no_store_at_all_is_refused() -> None:
    with pytest.raises(errors.InputError, match="no store"):
        diff([])

"""A comparison of one group with others is set up as it is asked for."""

from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.comparison.effects import least_difference_p
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.comparison.two_groups import set_up_two_groups
from corpuscope.errors import (
    ColumnNotFound,
    CorpuscopeError,
    GroupNotFound,
    InputError,
    NotEnoughData,
    PairingError,
)
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import noise, write

N = 60


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    made = noise(np.random.default_rng(0), N)
    for i, document in enumerate(made):
        document.metadata = {"year": 2020 + i % 3, "prompt": i // 3, "own": i, "one": "x"}
    return NamedStore(write(tmp_path_factory.mktemp("two") / "a", made))


def asked(source: NamedStore, **options: Any) -> Setup[Groups]:
    usual: dict[str, Any] = {
        "by": "year", "target": "2022", "reference": None, "pair": None, "group": None,
        "strata": [], "settings": ComparisonSettings(words=False),
    }  # fmt: skip
    return set_up_two_groups(source, **(usual | options))


def test_values_are_compared_as_they_are_written(source: NamedStore) -> None:
    groups = asked(source).groups
    assert (groups.target, groups.references) == ("2022", ("2020", "2021"))
    assert groups.contrasts[0].target_rows.tolist() == list(range(2, N, 3))
    assert asked(source, reference="2021").groups.references == ("2021",)


def test_values_of_ones_own_may_leave_documents_out(source: NamedStore) -> None:
    given = ["new" if i % 2 else "old" for i in range(N - 10)] + [None] * 10
    found = asked(source, by=given, target=None)
    assert found.groups.target == "old"
    assert found.n_documents == N - 10
    assert any("10 " in told for told in found.groups.warnings)


def test_pairs_are_of_a_column(source: NamedStore) -> None:
    groups = asked(source, pair="prompt").groups
    for contrast in groups.contrasts:
        assert contrast.is_paired
        keys = [rows // 3 for rows in (contrast.target_rows, contrast.reference_rows)]
        assert keys[0].tolist() == keys[1].tolist()


def test_a_feature_is_tested_that_could_be_significant_against_every_group(
    source: NamedStore,
) -> None:
    """Tarone's rule: all that are left could reach .05 over their number."""
    found = asked(source)
    least = least_difference_p(found.columns.presence, found.groups.contrasts)
    assert 0 < len(found.columns) < 30
    assert (least <= 0.05 / len(found.columns)).all()


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"by": "colour"}, ColumnNotFound, "colour"),
        ({"pair": "colour"}, ColumnNotFound, "colour"),
        ({"target": "2023"}, GroupNotFound, "2023"),
        ({"target": None}, GroupNotFound, "year"),
        ({"pair": "year"}, PairingError, "year"),
        ({"pair": "own"}, PairingError, "own"),
        ({"group": "year"}, InputError, "year"),
        ({"strata": ["year"]}, InputError, "year"),
        ({"by": "one", "target": None}, NotEnoughData, "one"),
        ({"by": None, "target": None}, NotEnoughData, "store"),
        ({"by": ["a"], "target": None}, InputError, "60"),
    ],
)
def test_what_cannot_be_set_up_is_refused(
    source: NamedStore, options: dict[str, Any], error: type[CorpuscopeError], says: str
) -> None:
    with pytest.raises(error) as refused:
        asked(source, **options)
    assert says in refused.value.found

from pathlib import Path

import pytest

from corpuscope.analyses.describe.described_store import described
from corpuscope.analyses.describe.features.place import place_of_density, place_of_rate
from corpuscope.store.store import Store
from tests.analyses.describe.worlds import NEW
from tests.store.worlds import record, write


def test_a_rate_is_ranked_among_features_that_are_present(pairs: Store) -> None:
    here = described(pairs)
    for rate, rank in ((0.0, 0), (0.25, 0), (0.3, 1 / 3), (0.5, 1 / 3), (1.0, 2 / 3)):
        found = place_of_rate(here, rate)
        assert found is not None
        assert found.rank == pytest.approx(rank)
        assert found.among.n == 3


def test_what_the_store_does_not_know_has_no_place(pairs: Store, tmp_path: Path) -> None:
    assert place_of_density(described(pairs), NEW) is None
    assert place_of_rate(described(write(tmp_path / "s", [record("a")])), 0.0) is None

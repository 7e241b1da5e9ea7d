from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.describe.described_store import DescribedStore, described
from corpuscope.analyses.describe.features import companions
from corpuscope.analyses.describe.features.companions import companions_of
from corpuscope.labels.contexts import present_rows
from corpuscope.statistics.pairs.cooccurrence import npmi
from tests.store.worlds import random_records, record, write


def found_in(here: DescribedStore, feature: int) -> dict[int | str, tuple[int, float]]:
    rows = present_rows(here.store, feature).astype(np.int64)
    return {
        one.feature: (one.n_both, one.npmi)
        for one in companions_of(here, feature, rows, rename=False)
    }


def test_counts_and_npmi_are_those_of_all_documents(tmp_path: Path) -> None:
    here = described(write(tmp_path / "s", random_records(300, n_features=20)))
    presence = here.store.presence().toarray().astype(np.int64)
    both, n = presence.T @ presence, presence.sum(axis=0)
    for feature in range(20):
        every = npmi(both[feature], np.full(40, n[feature]), n, 300)
        expected: dict[int | str, tuple[int, float]] = {
            other: (int(both[feature, other]), float(every[other]))
            for other in range(40)
            if other != feature and both[feature, other] >= 5 and every[other] > 0
        }
        found = found_in(here, feature)
        assert {other: n for other, (n, _) in found.items()} == {
            other: n for other, (n, _) in expected.items()
        }
        for other, (_, value) in found.items():
            assert value == pytest.approx(expected[other][1])


def test_the_best_come_first(tmp_path: Path) -> None:
    here = described(write(tmp_path / "s", random_records(300, n_features=20)))
    values = [value for _, value in found_in(here, 3).values()]
    assert values == sorted(values, reverse=True)


def test_of_many_documents_some_are_drawn_and_counts_are_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companions, "_N_DRAWN", 40)
    rng = np.random.default_rng(0)
    records = [
        record(
            f"d{row}",
            strengths={
                feature: (1.0, 0)
                for feature, share in ((1, 0.5), (2, 0.9 if row % 2 else 0.1), (3, 0.5))
                if rng.random() < share or (feature == 1 and row % 2)
            },
        )
        for row in range(400)
    ]
    here = described(write(tmp_path / "s", records, size=50))
    presence = here.store.presence().toarray()
    n_both, value = found_in(here, 1)[2]
    assert n_both == int((presence[:, 1] & presence[:, 2]).sum())
    assert value > 0.2


@pytest.mark.parametrize("seed", range(5))
def test_features_that_do_not_know_each_other_come_together_by_chance_only(
    tmp_path: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    records = [
        record(f"d{row}", strengths={f: (1.0, 0) for f in range(20) if rng.random() < 0.5})
        for row in range(400)
    ]
    here = described(write(tmp_path / "s", records, size=100))
    assert max((value for _, value in found_in(here, 0).values()), default=0) < 0.15


def test_few_documents_have_no_companions(tmp_path: Path) -> None:
    records = [record(f"d{row}", strengths={1: (1.0, 0), 2: (1.0, 0)}) for row in range(4)]
    others = [record(f"e{row}") for row in range(20)]
    assert found_in(described(write(tmp_path / "s", [*records, *others])), 1) == {}

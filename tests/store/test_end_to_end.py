"""Several stores answer as one, in their order."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.corpus.document import Skipped
from corpuscope.errors import StoreDamaged
from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.end_to_end import joined
from corpuscope.store.manifest import N_SKIPPED_KEPT, documents_path
from corpuscope.store.store import Store
from tests.store.worlds import dense, random_records, write

FIRST, SECOND = random_records(9, seed=1), random_records(4, seed=2)


@pytest.fixture
def stores(tmp_path: Path) -> list[Store]:
    """Of two shards and of one."""
    skipped = [Skipped("gone", "empty", "line 3")]
    return [
        write(tmp_path / "a.scope", FIRST, skipped=skipped),
        write(tmp_path / "b.scope", SECOND, skipped=skipped),
    ]


def test_one_store_is_that_store(stores: list[Store]) -> None:
    assert joined(stores[:1]) is stores[0]


def test_documents_lie_end_to_end(stores: list[Store]) -> None:
    for order in (stores, stores[::-1]):
        records = FIRST + SECOND if order is stores else SECOND + FIRST
        one = joined(order)
        assert one.parts == tuple(order)
        assert one.n_documents == 13
        assert one.ids.tolist() == [entry.document.id for entry in records]
        assert one.texts(range(12, -1, -1)) == [r.document.text for r in records[::-1]]
        assert one.strengths().to_csr().toarray().tolist() == dense(records).tolist()
        vectors = np.concatenate(list(one.vector_batches()))
        assert (vectors == np.stack([entry.vector for entry in records])).all()
        assert one.skipped_counts == {"empty": 2}
        assert [entry.id for entry in one.skipped] == ["gone", "gone"]


def test_names_are_put_together_and_the_order_counts(stores: list[Store]) -> None:
    one, other = joined(stores), joined(stores[::-1])
    assert one.digest == f"{stores[0].digest}+{stores[1].digest}"
    assert str(one.path) == f"{stores[0].path}+{stores[1].path}"
    assert one.digest != other.digest
    assert one != other
    assert one == joined(stores)
    assert hash(one) == hash(joined(stores))
    assert one != stores[0]


def test_features_and_provenance_are_those_of_the_first(stores: list[Store]) -> None:
    one = joined(stores)
    assert one.provenance == stores[0].provenance
    assert one.features.equals(stores[0].features)


def test_all_files_of_all_are_told(stores: list[Store]) -> None:
    files = [file for file, _ in joined(stores).files()]
    assert files == [file for store in stores for file, _ in store.files()]
    assert len(files) == 3 + 2 * 3 - 1


def test_what_one_warns_of_all_warn_of(tmp_path: Path, stores: list[Store]) -> None:
    assert joined(stores).is_complete
    assert joined(stores).warnings == []
    broken_off = write(tmp_path / "c.scope", random_records(2, seed=3), finish=False)
    for order in ([*stores, broken_off], [broken_off, *stores]):
        one = joined(order)
        assert not one.is_complete
        assert one.warnings == broken_off.warnings
        assert len(one.warnings) == 1


def test_what_is_computed_from_all_is_kept_by_all_of_their_contents(
    tmp_path: Path, stores: list[Store]
) -> None:
    def build(folder: Path) -> None:
        saved_array(folder, "n", np.array([13]))

    third = write(tmp_path / "c.scope", random_records(2, seed=3))
    one = joined(stores)
    folder = one.cached_folder("n", arrays=["n"], build=build)
    assert mapped(folder, "n").tolist() == [13]
    assert stores[0].path in folder.parents
    assert joined(stores).cached_folder("n", arrays=["n"], build=build) == folder
    assert joined([stores[0], third]).cached_folder("n", arrays=["n"], build=build) != folder
    assert stores[0].cached_folder("n", arrays=["n"], build=build) != folder


def test_of_the_skipped_no_more_are_kept_than_of_one_store(tmp_path: Path) -> None:
    many = [Skipped(f"s{i}", "empty", "") for i in range(600)]
    parts = [
        write(tmp_path / f"{n}.scope", random_records(1, seed=n), skipped=many) for n in (1, 2)
    ]
    one = joined(parts)
    assert len(one.skipped) == N_SKIPPED_KEPT
    assert one.skipped_counts == {"empty": 1200}


def test_a_damaged_part_is_found(stores: list[Store]) -> None:
    one = joined(stores)
    one.verify()
    file = documents_path(stores[1].path, 0)
    file.write_bytes(file.read_bytes()[::-1])
    with pytest.raises(StoreDamaged, match=r"b\.scope"):
        one.verify()
    with pytest.raises(StoreDamaged, match=r"b\.scope"):
        one.texts([12])

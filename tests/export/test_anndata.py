"""The `.h5ad` file is the store, in the terms of anndata."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from corpuscope.errors import InputError
from corpuscope.export.anndata import VECTORS, export_anndata
from tests.export.worlds import TEXT, matrix_of, odd_store
from tests.store.worlds import random_records, record, write

with_h5py = pytest.mark.skipif(
    find_spec("h5py") is None, reason="h5py, of the extra export, is not installed"
)
with_anndata = pytest.mark.skipif(
    find_spec("anndata") is None, reason="the package anndata is not installed"
)


def test_without_h5py_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(InputError, match="h5py is not installed") as caught:
        export_anndata(odd_store(tmp_path / "a.scope"), tmp_path / "a.h5ad")
    assert "`export`" in caught.value.expected
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.scope"]


@with_h5py
def test_the_file_has_all_groups_and_says_how_it_was_made(tmp_path: Path) -> None:
    import h5py

    found = export_anndata(odd_store(tmp_path / "a.scope"), tmp_path / "a.h5ad", presence=False)
    assert list(found.files) == ["a.h5ad"]
    with h5py.File(tmp_path / "a.h5ad") as file:
        assert file.attrs["encoding-type"] == "anndata"
        assert {"X", "layers", "obs", "obsm", "obsp", "uns", "var", "varm", "varp"} == set(file)
        assert list(file["layers"]) == []
        about = json.loads(file["uns/corpuscope"][()])
    assert about["stores"][0]["name"] == "a.scope"
    assert about["stores"][0]["provenance"]["reader"]["name"] == "tiny"


@with_h5py
@with_anndata
def test_anndata_reads_the_store(tmp_path: Path) -> None:
    import anndata

    store = odd_store(tmp_path / "a.scope")
    export_anndata(store, tmp_path / "a.h5ad", texts=True)
    found = anndata.read_h5ad(tmp_path / "a.h5ad")
    np.testing.assert_array_equal(found.X.toarray(), matrix_of(store))
    assert found.X.dtype == np.float32
    np.testing.assert_array_equal(found.layers["presence"].toarray(), store.presence().toarray())
    assert found.obs_names.tolist() == ["d0", "d1", "d2"]
    assert found.var_names.tolist() == [str(number) for number in range(6)]
    assert found.obs["text"].tolist() == [TEXT.replace("\0", "␀"), "", "good morning all"]
    assert found.obs["year"].isna().tolist() == [False, True, False]
    assert found.obs["year"].iloc[2] == 2**53 + 1
    assert found.obs["ok"].isna().tolist() == [False, True, False]
    assert found.obs["share"].tolist() == [0.5, 2.0, pytest.approx(np.nan, nan_ok=True)]
    assert found.var["label"].tolist()[:2] == ["greeting", "greeting"]
    assert found.var["dictionary_label"].isna().tolist() == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]
    assert found.var["n_documents"].tolist() == [0, 2, 1, 1, 1, 1]
    np.testing.assert_allclose(found.obsm[VECTORS][2], [0.6, 0.8], atol=1e-3)
    found.write_h5ad(tmp_path / "again.h5ad")


@with_h5py
@with_anndata
def test_several_stores_are_one_with_unique_names(tmp_path: Path) -> None:
    import anndata

    stores = [odd_store(tmp_path / "x" / "a.scope"), odd_store(tmp_path / "y" / "a.scope")]
    export_anndata(stores, tmp_path / "a.h5ad")
    found = anndata.read_h5ad(tmp_path / "a.h5ad")
    assert found.obs_names.is_unique
    assert found.obs_names[3] == "a.scope (2)/d0"
    assert found.obs["id"].tolist() == ["d0", "d1", "d2"] * 2
    assert found.obs["store"].tolist() == ["a.scope"] * 3 + ["a.scope (2)"] * 3
    np.testing.assert_array_equal(found.X.toarray()[3:], found.X.toarray()[:3])


@with_h5py
@with_anndata
def test_names_that_hdf5_cannot_have_are_changed(tmp_path: Path) -> None:
    import anndata

    metadata = {"a/b": 1, "a_b": 2, ".": 3, "_index": 4, "n_tokens": 5}
    store = write(tmp_path / "s.scope", [record("x", metadata=metadata)])
    found = export_anndata(store, tmp_path / "a.h5ad")
    obs = anndata.read_h5ad(tmp_path / "a.h5ad").obs
    assert sorted(obs.iloc[0].astype(int).tolist()) == [1, 2, 3, 3, 4, 5]
    assert "the metadata column 'a/b' is called 'a_b_'" in found.notes


@with_h5py
@with_anndata
def test_stores_without_documents_or_vectors(tmp_path: Path) -> None:
    import anndata

    for name, records in (("empty", []), ("bare", [record("a"), record("b")])):
        export_anndata(write(tmp_path / f"{name}.scope", records), tmp_path / f"{name}.h5ad")
        found = anndata.read_h5ad(tmp_path / f"{name}.h5ad")
        assert found.shape == (len(records), 40)
        assert list(found.obsm) == []


@with_h5py
def test_scanpy_finds_neighbours_and_clusters(tmp_path: Path) -> None:
    scanpy = pytest.importorskip("scanpy", reason="the package scanpy is not installed")
    pytest.importorskip("leidenalg", reason="the package leidenalg is not installed")
    export_anndata(write(tmp_path / "s.scope", random_records(60)), tmp_path / "a.h5ad")
    found = scanpy.read_h5ad(tmp_path / "a.h5ad")
    scanpy.pp.neighbors(found, use_rep=VECTORS, n_neighbors=5)
    scanpy.tl.leiden(found, flavor="igraph", n_iterations=2, directed=False)
    assert found.obs["leiden"].nunique() > 1

"""Design matrices are what the store and its pooled units hold, document by document."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.corpus.texts.words import word_features
from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.probing.matrices.array_writer import ArrayWriter
from corpuscope.probing.matrices.design_matrices import DesignMatrices, design_matrices_of
from corpuscope.probing.matrices.pooled_cache import PooledStore
from corpuscope.probing.probe_names import parsed
from corpuscope.store.store import Store
from tests.analyses.worlds import Made
from tests.analyses.worlds import write as write_made
from tests.probing.worlds import rows
from tests.store.worlds import record, write

N, WIDTH = 24, 5
PARTS = {"token": (0, 8), "sentence": (8, 6)}
NONE: frozenset[int] = frozenset()


def texts_of(n: int, seed: int) -> list[str]:
    return [row["text"] for row in rows(n, seed=seed)]


def features_of(unit: str, pooling: str) -> np.ndarray:
    """Activations of which each is exact in half precision; the last feature is in one document."""
    rng = np.random.default_rng([len(unit), len(pooling)])
    n = PARTS[unit][1]
    values = rng.integers(1, 9, (N, n)) * (rng.random((N, n)) < np.linspace(0.9, 0.2, n))
    values[:, -1] = 0
    values[3, -1] = 2
    return values.astype(np.float32)


def dense_of(unit: str, pooling: str, side: str) -> np.ndarray:
    rng = np.random.default_rng([len(unit), len(pooling), len(side)])
    return rng.standard_normal((N, WIDTH)).astype(np.float16)


def token_counts() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 4, size=N)


@pytest.fixture(scope="module")
def matrices(tmp_path_factory: pytest.TempPathFactory) -> DesignMatrices:
    folder = tmp_path_factory.mktemp("pooled")
    writer = ArrayWriter(folder)
    for unit in PARTS:
        for pooling in ("mean", "max", "last"):
            for side in ("states", "reconstruction", "error"):
                writer.add(f"{unit}-{pooling}-{side}", dense_of(unit, pooling, side))
            matrix = sp.csr_array(features_of(unit, pooling))
            writer.add_rows(f"{unit}-{pooling}-features", matrix)
    counts = token_counts()
    rng = np.random.default_rng(6)
    states = rng.standard_normal((counts.sum(), WIDTH)).astype(np.float16)
    writer.add("tokens", states)
    writer.add("n-tokens", counts)
    writer.add_rows("tokens-features", sp.csr_array(np.tile(np.arange(8.0), (counts.sum(), 1))))
    writer.finish()
    records = [record(f"d{i}", text) for i, text in enumerate(texts_of(N, seed=1))]
    store = write(folder / "s.scope", records)
    return DesignMatrices(store, PooledStore(folder, N, PARTS))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Texts of which some have words that the first ones have not."""
    texts = [*texts_of(6, seed=2), "An unheard word.", "雪 größe"]
    records = [record(f"o{i}", text) for i, text in enumerate(texts)]
    return write(tmp_path_factory.mktemp("other") / "o.scope", records)


ROWS = np.array([7, 0, 23, 7, 3])


@pytest.mark.parametrize("unit", ["token", "sentence"])
@pytest.mark.parametrize("pooling", ["mean", "max", "last"])
@pytest.mark.parametrize(
    ("kind", "side"),
    [("dense", "states"), ("reconstruction", "reconstruction"), ("error", "error")],
)
def test_each_kind_has_its_own_side_of_the_rows(
    kind: str, side: str, pooling: str, unit: str, matrices: DesignMatrices
) -> None:
    found = matrices.matrix(parsed(f"{kind} {unit} {pooling}"), ROWS, None)
    assert found.dtype == np.float32
    assert found.tolist() == dense_of(unit, pooling, side)[ROWS].tolist()


@pytest.mark.parametrize("unit", ["token", "sentence"])
@pytest.mark.parametrize("pooling", ["mean", "max", "last"])
def test_features_are_those_of_the_rows_in_the_order_of_the_columns(
    pooling: str, unit: str, matrices: DesignMatrices
) -> None:
    columns = np.array([4, 0, 5])
    found = matrices.matrix(parsed(f"sae {unit} {pooling} all"), ROWS, columns)
    assert sp.issparse(found)
    assert found.toarray().tolist() == features_of(unit, pooling)[np.ix_(ROWS, columns)].tolist()


def test_length_is_the_logarithm_of_the_number_of_tokens(matrices: DesignMatrices) -> None:
    found = matrices.matrix(parsed("length"), ROWS, None)
    n_words = [len(text.split(" ")) for text in matrices.store.texts(ROWS.tolist())]
    assert found.shape == (5, 1)
    assert found[:, 0] == pytest.approx(np.log1p(n_words), rel=1e-6)


def test_embeddings_are_the_vectors_of_the_store(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((4, PHRASE_WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    halves = vectors.astype(np.float16)
    made = [Made(["one", "two"], vector=vector) for vector in halves]
    matrices = DesignMatrices(write_made(tmp_path / "v.scope", made), None)
    rows_asked = np.array([2, 0, 3])
    found = matrices.matrix(parsed("embedding"), rows_asked, None)
    # Eight bits for a vector whose largest number is about 0.15.
    assert found == pytest.approx(vectors[rows_asked], abs=1e-3)


def test_words_are_those_of_each_text(matrices: DesignMatrices, other: Store) -> None:
    names = ["oil", "never met", "mat", "cat", "unheard"]
    for store in (matrices.store, other):
        rows_asked = np.array([5, 0, store.n_documents - 2, store.n_documents - 1, 5])
        found = DesignMatrices(store, None).words(rows_asked, names).toarray()
        expected = [
            [float(name in {one for one, _, _ in word_features(text)}) for name in names]
            for text in store.texts(rows_asked.tolist())
        ]
        assert found.tolist() == expected
    assert found[:, names.index("unheard")].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_no_word_at_all_is_a_matrix_without_columns(other: Store) -> None:
    assert DesignMatrices(other, None).words(np.array([1, 2]), []).shape == (2, 0)


def test_words_of_three_training_documents_are_columns(matrices: DesignMatrices) -> None:
    train = np.arange(0, N, 2)
    counts: Counter[str] = Counter()
    for text in matrices.store.texts(train.tolist()):
        counts.update({name for name, _, _ in word_features(text)})
    expected = sorted(name for name, n in counts.items() if n >= 3)
    found = matrices.columns(parsed("words"), train, NONE)
    assert sorted(found) == expected
    assert 2 in counts.values()
    assert 3 in counts.values()


@pytest.mark.parametrize("unit", ["token", "sentence"])
@pytest.mark.parametrize("without", [NONE, frozenset({1, 2, 8, 10})])
def test_features_of_three_training_documents_are_columns_but_those_excluded(
    unit: str, without: frozenset[int], matrices: DesignMatrices
) -> None:
    train = np.arange(10)
    first, n = PARTS[unit]
    is_on = features_of(unit, "max")[train] > 0
    expected = [i for i in range(n) if is_on[:, i].sum() >= 3 and first + i not in without]
    found = matrices.columns(parsed(f"sae {unit} max k=2"), train, without)
    assert found.tolist() == expected
    # The last feature is in one document.
    assert n - 1 not in expected


@pytest.mark.parametrize("name", ["length", "embedding", "dense token mean", "error sentence max"])
def test_other_kinds_have_no_columns_to_choose(name: str, matrices: DesignMatrices) -> None:
    assert matrices.columns(parsed(name), np.arange(5), NONE) is None


def test_tokens_are_those_of_the_documents(matrices: DesignMatrices) -> None:
    counts = token_counts()
    starts = np.cumsum(counts) - counts
    states = matrices.pooled.tokens()[0]  # type: ignore[union-attr]
    found = matrices.tokens(parsed("dense token attention"), ROWS, None)
    assert found.counts.tolist() == counts[ROWS].tolist()
    ((which, given, ends),) = found.batches(np.arange(len(ROWS)), 10)
    assert which.tolist() == list(range(5))
    assert ends.tolist() == np.cumsum(counts[ROWS]).tolist()
    places = [starts[row] + at for row in ROWS for at in range(counts[row])]
    assert given.tolist() == states[places].astype(np.float32).tolist()


def test_features_of_tokens_come_in_the_order_of_the_columns(matrices: DesignMatrices) -> None:
    columns = np.array([6, 2, 7])
    found = matrices.tokens(parsed("sae token attention all"), ROWS, columns)
    ((_, given, _),) = found.batches(np.arange(len(ROWS)), 10)
    assert given.toarray().tolist() == [[6.0, 2.0, 7.0]] * int(token_counts()[ROWS].sum())


def test_probes_of_texts_alone_need_no_reader(other: Store) -> None:
    specs = [parsed("length"), parsed("words"), parsed("embedding")]
    found = design_matrices_of(other, specs, "no such dictionary", None, None)
    assert found.pooled is None
    assert found.store is other

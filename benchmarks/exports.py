"""Exports opened with the other side's own package, and what they cost in time, room and memory.

    python -m benchmarks.exports [N ...]

First the demo's store, and three small dictionaries learned on the states of its texts: is what
the other package reads what is in the store? Rows whose package is missing say so. Then made-up
stores of N documents (20,000 and 100,000 unless given): seconds, megabytes and the highest memory
of a process of its own.
"""

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import corpuscope as cs
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.document import Document
from corpuscope.store.store import Store
from corpuscope.store.writer import DocumentRecord, StoreWriter

_FORMATS = ("parquet", "csv", "datasets", "atlas", "anndata")
_N_EACH, _SHARD, _WIDTH, _STATES = 100, 1000, 384, 8192


@dataclass(frozen=True)
class Check:
    """What another package made of an export.

    Attributes:
        format: The format.
        package: The package that opened it.
        what: What was compared.
        found: What came out.
    """

    format: str
    package: str
    what: str
    found: str


def main() -> None:
    """Record both tables; as a child, print what one export cost."""
    if sys.argv[1:2] == ["cost"]:
        print(json.dumps(_cost(*sys.argv[2:5])))
        return
    sizes = [int(one) for one in sys.argv[1:]] or [20_000, 100_000]
    with tempfile.TemporaryDirectory() as folder:
        checks = list(_checks(Path(folder)))
    rows = [(c.format, _version(c.package), c.what, c.found) for c in checks]
    lines = table(["format", "opened with", "compared", "found"], rows)
    costs = [row for size in sizes for row in _costs(size)]
    head = ["documents", "format", "seconds", "MB", "peak MB", "before"]
    record("Exports", [*_ABOUT, "", *lines, "", _OF_COSTS, "", *table(head, costs)])


_ABOUT = (
    "The demo's store (304 documents, 16,384 features, 176,977 strengths), and dictionaries of 512 "
    "features learned in 200 steps on 8,192 token states of the demo, on which all dictionaries "
    "are evaluated, by SAELens' own function and by ours. Differences are the largest anywhere.",
)
_OF_COSTS = (
    f"Made-up stores: {_N_EACH} strengths and {_WIDTH} dimensions of a vector for each document, "
    "about 400 characters, three metadata columns, shards of 1,000. Each export in a process of "
    "its own, which loads the store's labels before; the shards are in the page cache. Memory is "
    'resident memory at its highest, with mapped files; "before" is that of the process so far.'
)


def _version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return package


def _checks(folder: Path) -> Iterator[Check]:
    store = cs.extract(cs.demo_corpus(), into=folder / "demo.scope")
    checks: list[tuple[str, str, str, Callable[[Store, Path], Iterator[tuple[str, str]]]]] = [
        ("parquet", "pandas", "pandas", _parquet),
        ("csv", "pandas", "pandas", _csv),
        ("anndata", "anndata", "h5py", _anndata),
        ("anndata", "scanpy", "scanpy", _scanpy),
        ("datasets", "datasets", "datasets", _datasets),
        ("atlas", "embedding-atlas", "embedding_atlas", _atlas),
        ("saelens", "sae-lens", "sae_lens", _saelens),
    ]
    for format, package, module, check in checks:
        if importlib.util.find_spec(module) is None:
            yield Check(format, package, "", f"not run: {package} is not installed")
            continue
        into = folder / f"{format} for {package}"
        for what, found in check(store, into):
            yield Check(format, package, what, found)


def _difference(matrix: Any, store: Store) -> str:
    return f"{abs(matrix - store.strengths().to_csr()).max():.1g}"


def _of_long_form(found: Any, store: Store) -> Iterator[tuple[str, str]]:
    import scipy.sparse as sp

    places = (found["document"], found["feature"])
    shape = (store.n_documents, store.n_features)
    strengths = sp.csr_array((found["strength"].astype(np.float32), places), shape=shape)
    yield "strengths", _difference(strengths, store)
    present = sp.csr_array((found["is_present"].astype(np.float32), places), shape=shape)
    yield "presence", f"{abs(present - store.presence().astype(np.float32)).max():.1g}"


def _parquet(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    import pandas as pd

    cs.export_parquet(store, into)
    yield from _of_long_form(pd.read_parquet(into / "strengths.parquet"), store)
    documents = pd.read_parquet(into / "documents.parquet")
    yield "texts", _equal(documents["text"].tolist(), store.texts(range(store.n_documents)))


def _csv(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    import pandas as pd

    cs.export_csv(store, into)
    yield from _of_long_form(pd.read_csv(into / "strengths.csv"), store)
    documents = pd.read_csv(into / "documents.csv", keep_default_na=False)
    yield "texts", _equal(documents["text"].tolist(), store.texts(range(store.n_documents)))


def _equal(found: list[Any], expected: list[Any]) -> str:
    n_equal = sum(left == right for left, right in zip(found, expected, strict=True))
    return f"{n_equal} of {len(expected)} equal"


def _anndata(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    import anndata

    cs.export_anndata(store, into, texts=True)
    found = anndata.read_h5ad(into)
    yield "X", _difference(found.X, store)
    presence = abs(found.layers["presence"] - store.presence().astype(np.float32)).max()
    yield "layer presence", f"{presence:.1g}"
    vectors = np.concatenate(list(store.vector_batches())).astype(np.float32)
    yield "obsm", f"{np.abs(found.obsm['X_document_vectors'] - vectors).max():.1g}"
    yield "obs", _equal(found.obs["version"].tolist(), store.column("version").tolist())


def _scanpy(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    import scanpy

    cs.export_anndata(store, into)
    found = scanpy.read_h5ad(into)
    scanpy.pp.neighbors(found, use_rep="X_document_vectors")
    scanpy.tl.leiden(found, flavor="igraph", n_iterations=2, directed=False)
    sizes = found.obs["leiden"].value_counts()
    yield (
        "neighbors, leiden on the vectors",
        f"{len(sizes)} clusters of {min(sizes)} to {max(sizes)}",
    )
    scanpy.pp.pca(found, layer="presence")
    scanpy.pp.neighbors(found)
    scanpy.tl.leiden(found, flavor="igraph", n_iterations=2, directed=False)
    sizes = found.obs["leiden"].value_counts()
    yield (
        "pca, neighbors, leiden on presence",
        f"{len(sizes)} clusters of {min(sizes)} to {max(sizes)}",
    )
    scanpy.tl.rank_genes_groups(found, "version")
    first = found.uns["rank_genes_groups"]["names"]["v2"][0]
    yield "rank_genes_groups by version", f"{found.var.loc[first, 'label']!r} first for v2"


def _datasets(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    import datasets
    import scipy.sparse as sp

    cs.export_datasets(store, into)
    cache = str(into.parent / "cache of datasets")
    documents = datasets.load_dataset(str(into), "documents", cache_dir=cache)["train"]
    features = datasets.load_dataset(str(into), "features", cache_dir=cache)["train"]
    ids, values = documents["feature_ids"][:], documents["strengths"][:]
    starts = np.cumsum([0, *(len(row) for row in ids)])
    whole = (np.concatenate(values).astype(np.float32), np.concatenate(ids), starts)
    yield "strengths", _difference(sp.csr_array(whole, shape=(len(ids), len(features))), store)
    yield "texts", _equal(documents["text"][:], store.texts(range(store.n_documents)))


def _atlas(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    from embedding_atlas.cli import load_datasets

    found = cs.export_atlas(store, into)
    documents = load_datasets([str(into / "documents.parquet")])
    features = load_datasets([str(into / "features.parquet")])
    named = [name for names in documents["features"] for name in names]
    yield "features column", f"{len(named):,} of {found.counts['listed']:,} names"
    yield "features table", f"{len(set(named) & set(features['feature'])):,} of {len(set(named)):,}"
    if importlib.util.find_spec("duckdb"):
        import duckdb

        kind = duckdb.sql("DESCRIBE SELECT features FROM documents").fetchall()[0][1]
        yield "type by which the viewer tells lists from structs", f"{kind}"


def _saelens(store: Store, into: Path) -> Iterator[tuple[str, str]]:
    from dataclasses import replace

    import pyarrow as pa
    import sae_lens
    import torch

    from corpuscope.sae.dictionary import Part
    from corpuscope.sae.evaluate import evaluated

    builtin = cs.load_dictionary()
    states = _states()
    saes = {"threshold (built-in, 8,192)": builtin.parts[0].sae, **_learned(states)}
    for number, (name, sae) in enumerate(saes.items()):
        table = pa.table({"feature": range(sae.n_features), "kind": ["token"] * sae.n_features})
        one = replace(builtin, parts=(Part("token", (4,), sae),), features=table)
        cs.export_saelens(one, into.with_name(f"{into.name} {number}"))
        theirs = sae_lens.SAE.load_from_disk(into.with_name(f"{into.name} {number}"))
        with torch.no_grad():
            activations, encoded = sae.encode(states), theirs.encode(states)
            both = (activations > 0) & (encoded > 0)
            left = ((encoded - activations).abs() * both).max()
            # A rounding error decides where a value lies at its threshold, or two are equal.
            n_one_sided = int(((activations > 0) != (encoded > 0)).sum())
            right = (theirs.decode(activations) - sae.decode(activations)).abs().max()
            metrics = _metrics_of_saelens(theirs, states)
        found, explained = evaluated(sae, [states]), metrics["explained_variance"]
        yield (
            name,
            f"encode {left:.0e} ({n_one_sided} of {int(both.sum()):,} fire on one side only), "
            f"decode {right:.0e}, L0 {metrics['l0']:.4f} and {found.l0:.4f}, explained variance "
            f"{explained:.6f} and {1 - found.unexplained_variance:.6f}",
        )


def _states() -> Any:
    """The states of the demo's first tokens after layer 4 of the built-in reader."""
    import torch

    from corpuscope.extraction.compatibility import plan_for
    from corpuscope.reader.read import read_documents

    dictionary, reader = cs.load_dictionary(), cs.load_reader(cs.load_dictionary().reader_name)
    plan = plan_for(dictionary, None, reader.good_batch_tokens)
    stretches = read_documents(list(cs.demo_corpus()), reader, plan)
    return torch.cat([stretch.tokens.joined((4,)).float() for stretch in stretches])[:_STATES]


def _learned(states: Any) -> dict[str, Any]:
    """Small autoencoders with each firing rule, learned on these states."""
    import torch

    from corpuscope.sae.config import Moments, Recipe
    from corpuscope.sae.objectives import objective_named
    from corpuscope.sae.train import Trainer

    found = {}
    options = {"relu": {"coefficient": 0.05}, "top-k": {"k": 16}, "batch-top-k": {"k": 16}}
    for name, given in options.items():
        objective = objective_named(name, n_features=512, **given)
        recipe = Recipe(n_features=512, objective=objective, n_steps=200, batch_size=1024)
        trainer = Trainer(recipe, Moments.of(states))
        generator = torch.Generator().manual_seed(0)
        for _ in range(recipe.n_steps):
            rows = torch.randint(len(states), (recipe.batch_size,), generator=generator)
            trainer.learn(states[rows])
        rule = {"batch-top-k": "threshold"}.get(name, name)
        found[f"{rule} (512)"] = trainer.finished()
    return found


def _metrics_of_saelens(sae: Any, states: Any) -> dict[str, float]:
    """What SAELens' own evaluation says of an autoencoder, given these states by a stand-in."""
    import torch
    from sae_lens.evals import get_sparsity_and_variance_metrics
    from sae_lens.training.activation_scaler import ActivationScaler

    class StandIn:
        """A model whose one prompt has these states, and the store of that prompt."""

        def get_batch_tokens(self, _: int) -> Any:
            return torch.zeros((1, len(states)), dtype=torch.long)

        def run_with_cache(self, *_: Any, names_filter: list[str], **__: Any) -> Any:
            return None, {names_filter[0]: states[None]}

    metrics, _ = get_sparsity_and_variance_metrics(
        sae, StandIn(), StandIn(), ActivationScaler(), 1, False, True, True, False, 1, {},
    )  # fmt: skip
    return metrics


def _costs(n: int) -> list[tuple[object, ...]]:
    """A row for each format."""
    store, rows = _made_up(n), []
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        # What every export shares is not counted: labels, and the strengths by feature.
        store.strengths()
        for format in _FORMATS:
            if format == "anndata" and importlib.util.find_spec("h5py") is None:
                rows.append((f"{n:,}", format, "not run: h5py is not installed", "", "", ""))
                continue
            into = str(Path(folder) / format)
            command = [sys.executable, "-m", "benchmarks.exports", "cost", format, str(store.path)]
            done = subprocess.run([*command, into], capture_output=True, text=True, check=True)
            cost = json.loads(done.stdout.splitlines()[-1])
            rows.append((f"{n:,}", format, *(f"{one:,.0f}" for one in cost)))
    return rows


def _cost(format: str, store: str, into: str) -> list[float]:
    """Seconds, megabytes, the highest memory of this process, and what it was before."""
    from corpuscope.labels.named_store import NamedStore

    write = getattr(cs, f"export_{format}")
    NamedStore(store).label(0)
    before = _peak()
    start = time.perf_counter()
    found = write(store, into)
    seconds = time.perf_counter() - start
    return [seconds, found.n_bytes / 1e6, _peak(), before]


def _peak() -> float:
    """The highest memory of this process so far, in megabytes."""
    # `ru_maxrss` would begin with that of the parent.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1e3


def _made_up(n: int) -> Store:
    """A store of `n` documents with random features, made once."""
    path = CACHE / f"exports-{n}.scope"
    features = cs.load_dictionary().features
    provenance = {"reader": {"name": "made up"}, "dictionary": {"digest": "made up"}}
    with StoreWriter(path, provenance=provenance, features=features) as writer:
        for shard in range(-(-n // _SHARD)):
            if writer.committed(shard) is None:
                size = min(_SHARD, n - shard * _SHARD)
                writer.add(shard, _records(shard, size), source_digest=str(shard))
        writer.finish()
    return cs.open_store(path)


def _records(shard: int, size: int) -> list[DocumentRecord]:
    rng = np.random.default_rng(shard)
    words = np.array([f"word{i}" for i in range(2000)])
    spans = np.stack([np.arange(60) * 7, np.arange(60) * 7 + 6], axis=1).astype(np.uint32)
    found = []
    for row in range(size):
        vector = rng.standard_normal(_WIDTH)
        # Few features are frequent and most are rare, as in real stores.
        drawn = np.unique((16384 * rng.random(_N_EACH + 20) ** 3).astype(np.int32))[:_N_EACH]
        metadata = {"year": int(rng.integers(2000, 2020)), "author": f"author {row % 97}"}
        found.append(
            DocumentRecord(
                document=Document(
                    id=f"{shard}-{row}",
                    text=" ".join(rng.choice(words, 60)),
                    metadata=metadata | {"share": float(rng.random())},
                ),
                n_tokens=60,
                token_spans=spans,
                sentence_spans=spans[:8],
                features=drawn,
                strengths=(0.2 + rng.random(len(drawn))).astype(np.float16),
                peaks=rng.integers(8, size=len(drawn)).astype(np.uint32),
                vector=(vector / np.linalg.norm(vector)).astype(np.float16),
            )
        )
    return found


if __name__ == "__main__":
    main()

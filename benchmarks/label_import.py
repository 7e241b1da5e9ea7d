"""How long labels of others take to import: `python -m benchmarks.label_import`.

A hundred thousand explanations in the form of Neuronpedia's export, in batches of 1,024, with and
without the vector that the export may have beside each; read, and attached to a store.
"""

import gzip
import json
import random
import tempfile
import time
from pathlib import Path

from benchmarks.results import record, table
from corpuscope.labels.foreign.attach import attach_labels
from corpuscope.labels.foreign.recognise import read_labels
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import StoreWriter

N, N_EACH = 100_000, 1_024
WORDS = ("polite", "thanks", "question", "about", "place", "name", "code", "list", "number")


def write_export(folder: Path, *, with_vectors: bool) -> Path:
    """Explanations of features 0 to 99,999."""
    generator = random.Random(0)
    inner = folder / "a-model" / "3-res" / "explanations"
    inner.mkdir(parents=True)
    for batch in range(0, N, N_EACH):
        with gzip.open(inner / f"batch-{batch // N_EACH}.jsonl.gz", "wt", compresslevel=1) as file:
            for feature in range(batch, min(batch + N_EACH, N)):
                vector = [round(generator.gauss(0, 1), 6) for _ in range(256 * with_vectors)]
                line = {
                    "id": f"e{feature}", "modelId": "a-model", "layer": "3-res",
                    "index": str(feature), "description": " ".join(generator.choices(WORDS, k=9)),
                    "authorId": "someone", "embedding": vector or None,
                    "typeName": "oai_token-act-pair", "explanationModelName": "a-model",
                    "createdAt": "2024-08-01T10:00:00.000Z",
                }  # fmt: skip
                file.write(json.dumps(line) + "\n")
    return inner


def empty_store(path: Path) -> Store:
    """A store of as many features, without documents."""
    import pyarrow as pa

    table_of_features = pa.table({
        "feature": pa.array(range(N), pa.int32()), "kind": ["token"] * N,
    })  # fmt: skip
    with StoreWriter(path, provenance={}, features=table_of_features) as writer:
        writer.finish()
    return open_store(path)


def main() -> None:
    """Record seconds for each step."""
    rows = []
    for with_vectors in (False, True):
        with tempfile.TemporaryDirectory() as place:
            folder = write_export(Path(place) / "export", with_vectors=with_vectors)
            store = empty_store(Path(place) / "s.scope")
            first, processor = time.perf_counter(), time.process_time()
            labels = read_labels(folder)
            read = time.perf_counter()
            found = attach_labels(store, labels)
            attached = time.perf_counter()
            n_shown = int(open_store(store.path).features["label"].notna().sum())
            opened = time.perf_counter()
            assert n_shown == len(found.shown) == N
            steps = [read - first, attached - read, opened - attached,
                     time.process_time() - processor]  # fmt: skip
            megabytes = sum(one.stat().st_size for one in folder.iterdir()) / 1e6
            name = "with vectors" if with_vectors else "without"
            rows.append([name, f"{megabytes:.0f}", *(f"{one:.1f}" for one in steps)])
    record("Import of labels", [
        f"{N:,} explanations in the form of Neuronpedia's export; seconds, the last of a processor "
        "core.", "",
        *table(["", "MB packed", "read", "attach", "open the store with them", "core"], rows),
    ])  # fmt: skip


if __name__ == "__main__":
    main()

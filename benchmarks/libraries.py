"""Parts written here beside libraries that do the same: `python -m benchmarks.libraries`.

Needs `ijson` and `umap-learn` in the environment, which corpuscope does not. Each pair runs by
turns in one process on the same input; the ratio is the library's seconds over ours.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ijson
import numpy as np
import snowballstemmer
import torch
import umap
from sklearn.manifold import trustworthiness

from benchmarks.kinds import rows
from benchmarks.results import record, table
from corpuscope.analyses.cluster.layout import document_layout
from corpuscope.corpus.read import read_corpus
from corpuscope.labels.word_forms import stem, words_of
from corpuscope.probing.models.attention_kernel import attended

_TURNS, _ROWS, _POINTS, _NEAR = 5, 60_000, 2_000, 15


def _seconds(*work: Callable[[], object]) -> list[float]:
    """The median of each, by turns, after one run that is not counted."""
    taken: list[list[float]] = [[] for _ in work]
    for turn in range(_TURNS + 1):
        for one, own in zip(work, taken, strict=True):
            begun = time.perf_counter()
            one()
            if turn:
                own.append(time.perf_counter() - begun)
    return [statistics.median(own) for own in taken]


def arrays() -> list[str]:
    """A JSON array of objects, row by row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        made = [{"id": str(n), "text": f"text number {n} " * 20, "n": n} for n in range(_ROWS)]
        path.write_text(json.dumps(made), encoding="utf-8")
        corpus = read_corpus(path)

        def theirs() -> None:
            with path.open("rb") as file:
                assert sum(1 for _ in ijson.items(file, "item", use_float=True)) == _ROWS

        ours, other = _seconds(lambda: sum(1 for _ in corpus.parts[0].rows()), theirs)
    return ["JSON arrays", f"ijson ({ijson.backend})", f"{ours:.2f}", f"{other / ours:.2f}",
            "names the line of a faulty row, refuses keys that stand twice"]  # fmt: skip


def stems() -> list[str]:
    """Stems of the words of real texts."""
    texts = [row["response"] for row, _ in zip(rows("alpaca_eval/responses.jsonl.gz"), range(1500),
                                               strict=False)]  # fmt: skip
    words = sorted({word for text in texts for word in words_of(text) if word.isascii()})
    stemmer = snowballstemmer.stemmer("english")
    ours, other = _seconds(
        lambda: [stem.__wrapped__(word) for word in words],
        lambda: stemmer.stemWords(words),
    )  # fmt: skip
    groups = [len({key(word) for word in words}) for key in (stem, stemmer.stemWord)]
    return ["English stems", "snowballstemmer", f"{ours:.2f}", f"{other / ours:.2f}",
            f"{len(words):,} words in {groups[0]:,} groups, theirs {groups[1]:,}"]  # fmt: skip


def maps() -> list[str]:
    """A map of points in ten clusters of twenty dimensions."""
    rng = np.random.default_rng(0)
    labels = np.arange(_POINTS) % 10
    points = (rng.normal(size=(10, 20)) * 3)[labels] + rng.normal(size=(_POINTS, 20))
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1)[:, :_NEAR]
    affinity = np.exp(-np.take_along_axis(apart, near, axis=1) / 40)
    found: dict[str, np.ndarray] = {}

    def ours() -> None:
        found["ours"] = document_layout(labels, near, affinity)

    def theirs() -> None:
        found["umap"] = umap.UMAP(n_neighbors=_NEAR, random_state=0, n_jobs=1).fit_transform(points)

    one, other = _seconds(ours, theirs)
    kept = [trustworthiness(points, found[name], n_neighbors=_NEAR) for name in ("ours", "umap")]
    return ["map of documents", f"umap-learn {umap.__version__}", f"{one:.2f}",
            f"{other / one:.2f}",
            f"trustworthiness {kept[0]:.3f}, theirs {kept[1]:.3f}; ours is given neighbours",
    ]  # fmt: skip


def attention() -> list[str]:
    """Attention-weighted sums over the tokens of documents that lie end to end."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(50, 200, size=400)
    ends = np.cumsum(sizes).astype(np.int64)
    scores = rng.normal(size=(int(ends[-1]), 24)).astype(np.float32)
    documents = torch.from_numpy(np.repeat(np.arange(len(sizes)), sizes))

    def theirs() -> tuple[torch.Tensor, torch.Tensor]:
        logits, values = torch.from_numpy(scores).split(12, dim=1)
        index = documents[:, None].expand_as(logits)
        largest = torch.full((len(sizes), 12), -torch.inf)
        largest = largest.scatter_reduce(0, index, logits, "amax")
        raised = (logits - largest[documents]).exp()
        sums = torch.zeros(len(sizes), 12).index_add_(0, documents, raised)
        weights = raised / sums[documents]
        means = torch.zeros(len(sizes), 12).index_add_(0, documents, weights * values)
        return means, weights

    for ours, other in zip(attended(scores, ends), theirs(), strict=True):
        assert np.allclose(ours, other.numpy(), atol=1e-5)
    one, two = _seconds(lambda: attended(scores, ends), theirs)
    return ["attention over tokens", f"torch {torch.__version__}", f"{one:.3f}",
            f"{two / one:.2f}", "asking needs no torch; loading it takes 2 to 4 s",
    ]  # fmt: skip


def main() -> None:
    """Record all."""
    body = [arrays(), stems(), maps(), attention()]
    header = ["part", "library", "seconds of ours", "library / ours", "beside speed"]
    record("Written here or taken from a library", table(header, body))


if __name__ == "__main__":
    main()

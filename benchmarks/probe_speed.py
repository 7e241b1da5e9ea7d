"""All usual probes against one path of scikit-learn: `python -m benchmarks.probe_speed`.

10,000 sentences of film reviews, states in the cache: `cs.probe` with its usual probes, cross-
validation, bootstrap and figures, beside `LogisticRegressionCV` on the states of one of them, with
the same penalties and as many folds. Processor time on one thread each: several threads that wait
for each other on shared cores took nine times as long for the path. They run by turns, and what is
told is the median of ratios within a turn. Twenty probes are drawn of the usual ones, others in
each turn. The probes' settings were chosen on these sentences.

With `--choices` only what ending the path of penalties early changes, and what attention gains.
"""

import argparse
import random
import time
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.linear_model import LogisticRegressionCV
from threadpoolctl import threadpool_limits

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.read import read_corpus
from corpuscope.probing.matrices.pooled_cache import open_pooled
from corpuscope.probing.models import cross_validation as fitting
from corpuscope.probing.models.cross_validation import PENALTIES
from corpuscope.probing.probe_names import DEFAULT_PROBES
from corpuscope.store.store import Store

N, N_LEARNED, FOLDS = 10_000, 7_500, 5
TURNS, N_PROBES = 7, 20
SOLVERS = ("lbfgs", "newton-cholesky")


def reviews() -> Store:
    """A store of sentences, positive and negative; read once and kept."""
    found = [
        {"id": row["id"], "text": row["text"], "label": row["label"]}
        for row in rows("nltk_reviews/sentence_polarity.jsonl.gz")
    ]
    random.Random(0).shuffle(found)
    return cs.extract(read_corpus(found[:N]), into=CACHE / "probe-polarity.scope")


def path_of(store: Store, solver: str) -> None:
    """What scikit-learn does with one matrix of states."""
    states = open_pooled(store, tokens=True).dense("token", "mean", "states")[:N_LEARNED]
    matrix = states.astype(np.float32)
    matrix = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        LogisticRegressionCV(
            Cs=[1 / penalty for penalty in PENALTIES], cv=FOLDS, solver=solver, scoring="roc_auc",
            max_iter=1000,
        ).fit(matrix, store.column("label")[:N_LEARNED])  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time on one thread."""
    with threadpool_limits(1):
        before = time.process_time()
        work()
    return time.process_time() - before


def choices() -> None:
    """Record the penalty and validation of each probe, with the path ended early and gone whole."""
    store = reviews()
    early = cs.probe(store, label="label", settings=cs.ProbeSettings(rename=False)).every
    usual = fitting._PATIENCE
    fitting._PATIENCE = len(PENALTIES)
    try:
        whole = cs.probe(store, label="label", settings=cs.ProbeSettings(rename=False)).every
    finally:
        fitting._PATIENCE = usual
    body = [
        [one.name, *(f"{every.penalty:.3g}" for every in (one, other)),
         *(f"{every.validation:.4f}" for every in (one, other)), f"{one.on('test').auroc:.4f}"]
        for one, other in zip(early, whole, strict=True)
    ]  # fmt: skip
    n_same = sum(one.penalty == other.penalty for one, other in zip(early, whole, strict=True))
    record(
        "Probe: what ending the path early changes",
        [
            f"Verdicts on films, {N:,} sentences: {n_same} of {len(early)} probes choose the same "
            "penalty. Validation is the AUROC by cross-validation.",
            "",
            *table(["probe", "penalty", "of all", "validation", "of all", "test"], body),
        ],
    )


def main() -> None:
    store = reviews()
    cs.probe(store, label="label", probes=["words", "dense token attention"])
    work: dict[str, Callable[[], object]] = {
        f"one path, {solver}": lambda solver=solver: path_of(store, solver)  # type: ignore[misc]
        for solver in SOLVERS
    }
    generator = random.Random(0)
    work[f"{N_PROBES} probes, drawn"] = lambda: cs.probe(
        store,
        label="label",
        probes=generator.sample(DEFAULT_PROBES, N_PROBES),
        settings=cs.ProbeSettings(rename=False),
    )
    work[f"all {len(DEFAULT_PROBES)} probes"] = lambda: cs.probe(
        store, label="label", settings=cs.ProbeSettings(rename=False)
    )
    seconds = np.array([[timed(one) for one in work.values()] for _ in range(TURNS)])
    ratios = np.median(seconds / seconds[:, :1], axis=0)
    body = [
        [name, *(f"{own:.1f}" for own in seconds[:, i]), f"{ratios[i]:.2f}"]
        for i, name in enumerate(work)
    ]
    record(
        "Probe: time of all usual probes",
        [
            f"{N:,} documents with cached states, of which {N_LEARNED:,} are learned from; "
            f"{len(PENALTIES)} penalties, {FOLDS} folds; the path is of {N_LEARNED:,} x 384 "
            "numbers. Seconds of processor time, turn by turn.",
            "",
            *table(["", *(str(i + 1) for i in range(TURNS)), "of the first, median"], body),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choices", action="store_true")
    (choices if parser.parse_args().choices else main)()

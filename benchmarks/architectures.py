"""Objectives against each other at equal L0: `python -m benchmarks.architectures`.

A grid of dictionaries from one stream of token states of the built-in reader (layer 4): does
the penalty on quadratic frequency remove dense features, and what does it cost; how do
objectives compare in what they reconstruct, how stable their features are from seed to seed,
and how well names tell contexts apart. Cells that are there are not learned again; from nothing
it takes about an hour on two cores.
"""

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import corpuscope as cs
from benchmarks.results import CACHE, record, table
from benchmarks.training_states import general_corpus, general_states
from corpuscope.training.plot import plot_sweep
from corpuscope.training.sweep import Sweep

ARMS: dict[str, Sequence[float]] = {
    "jump-relu": (0.0008, 0.0016, 0.003, 0.006, 0.012),
    "quadratic-frequency": (0.0008, 0.0016, 0.003, 0.006),
    "quadratic-frequency-0.01": (0.0002, 0.0004, 0.0008, 0.0016),
    "batch-top-k": (16, 32, 64, 100),
}
N_FEATURES, N_UNITS, SEEDS = 2048, 300 * 2048, (0, 1)
QUADRATIC = {"quadratic-frequency": 0.1, "quadratic-frequency-0.01": 0.01}
"""The arms with the penalty, and the density at which its two terms are equal."""
_PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"


def grid(*, named_documents: int) -> Sweep:
    """All cells."""
    return cs.sweep(
        general_corpus(),
        ARMS,
        into=CACHE / "architectures",
        seeds=SEEDS,
        named_documents=named_documents,
        states=general_states(),
        layers=(4,),
        n_features=N_FEATURES,
        settings=cs.TrainingSettings(n_units=N_UNITS),
        reading=cs.ReadingSettings(progress=True),
    )


def main(*, named_documents: int) -> None:
    """Record the cells, the comparison at equal L0, and the figures."""
    found = grid(named_documents=named_documents)
    for name, figure in plot_sweep(found).items():
        figure.savefig(_PICTURES / f"sweep-{name}.svg", bbox_inches="tight")
    rows = found.table
    means = rows.groupby(["objective", "sparsity"], sort=False).mean(numeric_only=True)
    columns = ["l0", "unexplained_variance", "dead_share", "dense_share", "stability", "shared"]
    if named_documents:
        columns += ["label_score", "label_score_weighted", "label_score_left_out"]
    body = [
        [objective, f"{sparsity:g}", *(f"{row[column]:.4f}" for column in columns)]
        for (objective, sparsity), row in means.iterrows()
    ]
    head = (
        f"{N_FEATURES:,} features, {N_UNITS:,} states, means over {len(SEEDS)} seeds. Dense: the "
        "share of the features above 10 %. Stability: overlap of presence with the nearest "
        "feature of the other seed; shared: share of features whose nearest has a cosine above "
        "0.7. Figures: `docs/pictures/sweep-*.svg`."
    )
    record("Objectives: all cells", [head, "", *table(["objective", "at", *columns], body)])
    record("Quadratic frequency against plain L0", _quadratic(rows))


def _quadratic(rows: pd.DataFrame) -> list[str]:
    """At the L0 of each quadratic-frequency run: what plain L0 reaches there, interpolated."""
    body = []
    for (name, omega), seed in itertools.product(QUADRATIC.items(), SEEDS):
        of_seed = rows[rows["seed"] == seed]
        line = of_seed[of_seed["objective"] == "jump-relu"].sort_values("l0")
        for _, cell in of_seed[of_seed["objective"] == name].sort_values("l0").iterrows():
            inside = line["l0"].min() <= cell["l0"] <= line["l0"].max()
            there = np.exp(np.interp(np.log(cell["l0"]), np.log(line["l0"]),
                                     np.log(line["unexplained_variance"])))  # fmt: skip
            dense = np.interp(np.log(cell["l0"]), np.log(line["l0"]), line["dense_share"])
            cost = cell["unexplained_variance"] / there - 1
            body.append([
                omega, seed, f"{cell['l0']:.1f}", f"{dense * N_FEATURES:.1f}",
                f"{cell['dense_share'] * N_FEATURES:.0f}", f"{there:.4f}",
                f"{cell['unexplained_variance']:.4f}", f"{cost:+.1%}" if inside else "outside",
            ])  # fmt: skip
    head = (
        "At the L0 of each run with the penalty on quadratic frequency, what L0-JumpReLU has "
        "there, interpolated between its runs of the same seed. Dense features: of "
        f"{N_FEATURES:,}, above 10 %."
    )
    return [head, "", *table(
        ["omega", "seed", "L0", "dense, plain", "dense, quadratic", "unexplained, plain",
         "unexplained, quadratic", "relative"], body)]  # fmt: skip


if __name__ == "__main__":
    main(named_documents=int(sys.argv[1]) if len(sys.argv) > 1 else 0)

"""How far the built-in labels can be trusted: `python -m benchmarks.label_scores`.

The score of a label is the share of draws in which it picks a held-out context with the
feature beside ten without it; chance is 1/11. A mean over firings leaves out features without a
score, and what share of firings that is stands beside it. The scores lie in the dictionary, where
`benchmarks.builtin_dictionary` put them when it made the labels.
"""

import numpy as np

import corpuscope as cs
from benchmarks.results import record, table
from corpuscope.training.label import name_scores


def main() -> None:
    """Record mean and distribution for both kinds, beside the top-token label."""
    dictionary = cs.load_dictionary()
    features, means = dictionary.features.to_pandas(), name_scores(dictionary)
    body = []
    for kind, own in features.groupby("kind", sort=False):
        scored = own.dropna(subset=["score"])
        quantiles = np.quantile(scored["score"], [0.1, 0.25, 0.5, 0.75, 0.9])
        better = (scored["score"] > scored["baseline_score"]).mean()
        body.append(
            [
                kind,
                f"{len(own):,}",
                f"{len(scored):,}",
                f"{scored['score'].mean():.3f}",
                f"{means[kind].weighted:.3f}",
                f"{means[kind].left_out:.1%}",
                " ".join(f"{value:.2f}" for value in quantiles),
                f"{scored['baseline_score'].mean():.3f}",
                f"{better:.0%}",
            ]
        )
    header = [
        "kind", "features", "labelled and scored", "mean score", "over firings", "firings left out",
        "10 25 50 75 90 %", "top-token label", "better than it",
    ]  # fmt: skip
    record("Labels: picking held-out contexts, one with the feature among ten without",
           table(header, body))  # fmt: skip


if __name__ == "__main__":
    main()

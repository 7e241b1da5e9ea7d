"""What each part of the default recipe is worth: `python -m benchmarks.recipe_parts`.

Each row takes one part of it back. The parts were chosen on states of layer 3; these are of
layer 4, so the figures are no part of the choice. Takes five minutes.
"""

import statistics
from dataclasses import replace

import torch

from benchmarks.peers import batches_of
from benchmarks.results import record, table
from benchmarks.training_speed import BATCH, N_STEPS, K, judged
from benchmarks.training_states import TokenStates, token_states
from corpuscope.sae.config import Moments, Recipe
from corpuscope.sae.objectives import objective_named
from corpuscope.sae.train import Trainer

WIDTH, SEEDS = 4096, (0, 1)
DEFAULT = Recipe(
    n_features=WIDTH,
    objective=objective_named("batch-top-k", n_features=WIDTH, k=K),
    n_steps=N_STEPS[WIDTH],
    bf16=True,
)
PARTS = {
    "the default": DEFAULT,
    "rising over 5 %, not 20 %": replace(DEFAULT, warm_up=0.05),
    "falling over the last 20 %, not 60 %": replace(DEFAULT, decay_from=0.8),
    "decoder as fast as the rest": replace(DEFAULT, decoder_rate=1.0),
    "encoder at its full length at first": replace(DEFAULT, first_encoder=1.0),
    "all four": replace(DEFAULT, warm_up=0.05, decay_from=0.8, decoder_rate=1.0, first_encoder=1.0),
}


def row(recipe: Recipe, states: TokenStates) -> list[str]:
    """Unexplained variance at L0 32 exactly, and how many features are dead; means over seeds."""
    found = []
    for seed in SEEDS:
        trainer = Trainer(replace(recipe, seed=seed), Moments(torch.zeros(states.width), 1.0))
        batches = batches_of(states.learned, seed=seed)
        for _ in range(recipe.n_steps):
            trainer.learn(next(batches))
        found.append(judged(trainer.finished(), states.held_out, k=K))
    left, dead = zip(*((one.unexplained_variance, one.dead_share) for one in found), strict=True)
    return [f"{statistics.mean(left):.4f}", f"{statistics.mean(dead):.1%}"]


def main() -> None:
    """Record a row for each."""
    states = token_states()
    rows: list[list[str]] = []
    for name, recipe in PARTS.items():
        for rate in (recipe.height, recipe.height / 3):
            told = "" if rate == recipe.height else ", a third of the learning rate"
            found = row(replace(recipe, learning_rate=rate), states)
            rows.append([name + told, f"{rate:.2g}", *found])
            print(rows[-1], flush=True)
    head = (
        f"{WIDTH:,} features, BatchTopK, k = {K}, {DEFAULT.n_steps} batches of {BATCH:,} token "
        f"states of the built-in reader (layer 4), means over {len(SEEDS)} seeds, held-out states."
    )
    columns = ["recipe", "learning rate", "unexplained at L0 32 exactly", "dead"]
    record("Training: what each part of the recipe is worth", [head, "", *table(columns, rows)])


if __name__ == "__main__":
    main()

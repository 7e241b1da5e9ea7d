"""How far `target-l0` ends from its target, by coefficient: `python -m benchmarks.target_l0`.

Made-up states, sums of a twentieth of 256 directions and noise, 128 wide. Runs are tiny: 512
features, 250 batches of 256 unless `--steps` says otherwise.
"""

import argparse
from collections.abc import Iterator

import torch

from benchmarks.results import record, table
from corpuscope.sae.config import Recipe
from corpuscope.sae.evaluate import evaluated
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import objective_named
from corpuscope.sae.train import trained_steps

WIDTH, N_DIRECTIONS, N_FEATURES, BATCH = 128, 256, 512, 256
COEFFICIENTS, TARGETS = (0.001, 0.003, 0.01, 0.03), (8, 16, 32)


def states(seed: int) -> Iterator[torch.Tensor]:
    """Batches without end."""
    generator = torch.Generator().manual_seed(seed)
    directions = torch.randn(N_DIRECTIONS, WIDTH, generator=torch.Generator().manual_seed(100))
    while True:
        fires = torch.rand(BATCH, N_DIRECTIONS, generator=generator) < 0.05
        strengths = fires * torch.rand(BATCH, N_DIRECTIONS, generator=generator)
        yield strengths @ directions + 0.05 * torch.randn(BATCH, WIDTH, generator=generator)


def reached(target: int, coefficient: float, n_steps: int) -> tuple[float, float]:
    """The L0 and the unexplained variance of other states than those learned from."""
    objective = objective_named(
        "target-l0", n_features=N_FEATURES, k=target, coefficient=coefficient
    )
    recipe = Recipe(n_features=N_FEATURES, n_steps=n_steps, batch_size=BATCH, objective=objective)
    sae = list(trained_steps(states(0), recipe))[-1]
    assert isinstance(sae, SAE)
    others = states(1)
    found = evaluated(sae, [next(others) for _ in range(8)])
    return found.l0, found.unexplained_variance


def main(n_steps: int) -> None:
    """Record each target and coefficient."""
    body = []
    for target in TARGETS:
        for coefficient in COEFFICIENTS:
            l0, unexplained = reached(target, coefficient, n_steps)
            row = [target, coefficient, f"{l0:.1f}", f"{l0 / target - 1:+.0%}"]
            body.append([*row, f"{unexplained:.3f}"])
            print(body[-1], flush=True)
    header = ["target", "coefficient", "L0", "off by", "unexplained variance"]
    record(f"Target L0: how far {n_steps:,} steps miss it", table(header, body))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=250)
    main(parser.parse_args().steps)

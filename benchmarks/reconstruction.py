"""What is left over at L0 16, 32 and 64: here, and in every architecture of sae-lens.

    python -m benchmarks.reconstruction

Needs sae-lens beside this package (`benchmarks/peers.py`). Each architecture learns from the same
batches with the first seed; where it takes a penalty, its unexplained variance at an L0 is read
off the line through its runs. The best at each L0, by one half of the held-out states, learns
with more seeds, and is reported on the other half. Takes an hour on two cores; runs that are
done are kept, so that it can be stopped and begun again.
"""

import dataclasses
import hashlib
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.peers import Setting, versions
from benchmarks.results import CACHE, record, table
from benchmarks.training_speed import judged, learned
from benchmarks.training_states import TokenStates, token_states

N_FEATURES, N_STEPS, SEEDS = 2048, 250, (0, 1, 2)
TARGETS = (16, 32, 64)
OURS = Setting("corpuscope", "batch-top-k", 6e-3, N_FEATURES, N_STEPS, bf16=True)
THEIRS = Setting("sae-lens", "batch-top-k", 6e-3, N_FEATURES, N_STEPS, rise=0.05, fall=0.2)
"""The settings that won in `benchmarks.training_speed quality`."""
RATES = (6e-3, 2e-3)
PENALTIES = {
    "jump-relu": (0.01, 0.002, 0.0005),
    "gated": (0.8, 0.4, 0.2),
    "relu": (0.8, 0.35, 0.12),
}
"""Architectures with a penalty, and the coefficients they learn with."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An architecture with a learning rate, and what it comes to at each L0.

    Attributes:
        setting: Of the trainer.
        left: Unexplained variance by L0, on the half by which arms are chosen.
        reported: Likewise on the other half.
    """

    setting: Setting
    left: dict[int, float]
    reported: dict[int, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run comes to on one half of the held-out states."""

    l0: float
    unexplained: float


def run(setting: Setting, states: TokenStates, *, k: float | None) -> tuple[Judged, Judged]:
    """Learn, and judge both halves, at exactly `k` features a unit or at the own threshold."""
    told = json.dumps([dataclasses.asdict(setting), k, versions()], sort_keys=True)
    path = CACHE / "reconstruction" / f"{hashlib.sha256(told.encode()).hexdigest()[:16]}.json"
    if not path.is_file():
        sae = learned(setting, states)
        found = [judged(sae, half, k=k) for half in states.held_out.chunk(2)]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([[one.l0, one.unexplained_variance] for one in found]))
        print(told, path.read_text(), flush=True)
    first, second = json.loads(path.read_text())
    return Judged(*first), Judged(*second)


def counted(setting: Setting, states: TokenStates) -> Arm:
    """One that takes `k`: a run for each L0, judged at exactly that many."""
    found = {k: run(replace(setting, k=k), states, k=k) for k in TARGETS}
    left, reported = ({k: both[at].unexplained for k, both in found.items()} for at in (0, 1))
    return Arm(setting, left, reported)


def penalised(setting: Setting, states: TokenStates) -> Arm:
    """One with a penalty: read off the line through its runs, in logarithms."""
    runs = [
        run(replace(setting, coefficient=coefficient), states, k=None)
        for coefficient in PENALTIES[setting.architecture]
    ]
    return Arm(setting, *(_on_the_line(half) for half in zip(*runs, strict=True)))


def _on_the_line(runs: Sequence[Judged]) -> dict[int, float]:
    found = sorted((one.l0, one.unexplained) for one in runs)
    l0s, left = np.log(np.maximum(np.array(found), 1e-9)).T
    return {
        k: float(np.exp(np.interp(np.log(k), l0s, left)))
        if l0s[0] <= np.log(k) <= l0s[-1]
        else np.nan
        for k in TARGETS
    }


def main() -> None:
    """Choose by the first seed, then compare with all."""
    states = token_states()
    arms = [counted(OURS, states)]
    arms += [
        counted(replace(THEIRS, architecture=name), states) for name in ("batch-top-k", "top-k")
    ]
    for name in PENALTIES:
        for rate in RATES:
            setting = replace(THEIRS, architecture=name, learning_rate=rate)
            arms.append(penalised(setting, states))
            print(arms[-1], flush=True)
    body = [
        [arm.setting.trainer, arm.setting.architecture, f"{arm.setting.learning_rate:g}",
         *(f"{arm.reported[k]:.4f}" for k in TARGETS)]
        for arm in arms
    ]  # fmt: skip
    lines = [
        f"{N_FEATURES:,} features, {N_STEPS} batches of 2,048 token states of the built-in reader "
        f"(layer 4), {versions()}. Unexplained variance on held-out states; nan: no run was so "
        "dense or so sparse.",
        "",
        *table(["trainer", "architecture", "learning rate", *(f"L0 {k}" for k in TARGETS)], body),
        "",
        f"sae-lens' best at each L0, chosen on other states, with seeds {SEEDS}:",
        "",
        *table(["L0", "corpuscope", "sae-lens", "its architecture"], _seeds(arms, states)),
    ]
    record("Reconstruction at equal L0", lines)


def _seeds(arms: Sequence[Arm], states: TokenStates) -> list[list[object]]:
    theirs = [arm for arm in arms if arm.setting.trainer == "sae-lens"]
    rows: list[list[object]] = []
    for k in TARGETS:
        best = min(theirs, key=lambda arm: arm.left[k] if arm.left[k] == arm.left[k] else np.inf)
        cells = []
        for arm in (arms[0], best):
            found = [arm.reported[k]]
            for seed in SEEDS[1:]:
                again = arm.setting.reseeded(seed)
                if arm.setting.architecture in PENALTIES:
                    found.append(penalised(again, states).reported[k])
                else:
                    found.append(run(replace(again, k=k), states, k=k)[1].unexplained)
            cells.append(
                f"{statistics.mean(found):.4f} ({', '.join(f'{one:.4f}' for one in found)})"
            )
        rows.append([k, *cells, best.setting.architecture])
        print(rows[-1], flush=True)
    return rows


if __name__ == "__main__":
    main()

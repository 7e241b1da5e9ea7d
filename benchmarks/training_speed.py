"""Tokens a second against other trainers, and what is left over after the same tokens.

    python -m benchmarks.training_speed quality 4096
    python -m benchmarks.training_speed quality 16384
    python -m benchmarks.training_speed speed

Needs sae-lens and dictionary-learning beside this package (`benchmarks/peers.py`). Each trainer
runs with several settings; its best on one half of the held-out states is reported on the other.
Speed is measured in turns within one process on a machine that does nothing else. Quality takes
half an hour on two cores.
"""

import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import replace

import torch

from benchmarks.peers import Contender, Setting, batches_of, versions
from benchmarks.results import record, table
from benchmarks.training_states import TokenStates, token_states
from corpuscope.reader.threads import free_cores
from corpuscope.sae.evaluate import Evaluation, evaluated
from corpuscope.sae.firing import BatchTopK
from corpuscope.sae.model import SAE

WIDTHS, K, BATCH = (4096, 16384), 32, 2048
N_STEPS = {4096: 250, 16384: 100}
_RATES = (3e-3, 6e-3, 1e-2)
_ROUNDS = 7


def judged(sae: SAE, held_out: torch.Tensor, *, k: float | None = None) -> Evaluation:
    """On held-out states; with `k` at exactly that many features a unit, chosen by batch."""
    fired = sae if k is None else replace(sae, firing=BatchTopK(k))
    return evaluated(fired, [held_out])


def learned(setting: Setting, states: TokenStates) -> SAE:
    """What a setting comes to."""
    contender = setting.begin(states.width)
    batches = batches_of(states.learned, seed=setting.seed)
    for _ in range(setting.n_steps):
        contender.step(next(batches))
    return contender.finished()


def quality(width: int) -> None:
    """Unexplained variance of each trainer: its setting chosen on one half, judged on the other."""
    states = token_states()
    chosen_on, reported_on = states.held_out.chunk(2)
    rows: dict[str, list[tuple[float, list[str]]]] = {}
    for setting in _settings(width, states.width):
        sae = learned(setting, states)
        choice = judged(sae, chosen_on, k=K).unexplained_variance
        at_k, own = judged(sae, reported_on, k=K), judged(sae, reported_on)
        line = [
            setting.trainer, f"{setting.learning_rate:g}",
            f"{setting.rise:.0%}, {setting.fall:.0%}", f"{setting.length:g}",
            f"{choice:.4f}", f"{at_k.unexplained_variance:.4f}", f"{at_k.dead_share:.3f}",
            f"{own.unexplained_variance:.4f}", f"{own.l0:.1f}",
        ]  # fmt: skip
        rows.setdefault(setting.trainer, []).append((choice, line))
        print(line, flush=True)
    best = {trainer: min(lines)[1][5] for trainer, lines in rows.items()}
    record(
        f"Training, {width:,} features: unexplained variance after the same tokens",
        [
            f"BatchTopK, k = {K}, {N_STEPS[width]} batches of {BATCH:,} token states of the "
            f"built-in reader (layer 4). Each trainer's setting is chosen on "
            f"{len(chosen_on):,} states of other documents and reported on another "
            f"{len(reported_on):,}: "
            + ", ".join(f"{trainer} {figure}" for trainer, figure in best.items())
            + f". {versions()}. All inputs are centred; square length is what sae-lens' inputs "
            "are scaled to.",
            "",
            *table(
                ["trainer", "learning rate", "rises, falls", "square length", "chosen by",
                 "unexplained at L0 32 exactly", "dead", "unexplained at its own threshold",
                 "L0 there"],
                [line for lines in rows.values() for _, line in lines],
            ),
        ],
    )  # fmt: skip


def _settings(n_features: int, width: int) -> list[Setting]:
    """What each trainer is tried with."""
    base = Setting("corpuscope", "batch-top-k", 3e-3, n_features, N_STEPS[n_features], k=K)
    theirs = replace(base, trainer="sae-lens")
    short = replace(theirs, rise=0.05, fall=0.2)
    wanted = [
        *(replace(base, learning_rate=rate, bf16=True) for rate in _RATES),
        *(replace(short, learning_rate=rate) for rate in (1.5e-3, *_RATES[:2])),
        *(replace(base, trainer="dictionary-learning", learning_rate=rate) for rate in _RATES),
    ]
    if n_features > WIDTHS[0]:
        # A step takes seconds here: without the settings that lost at the smaller width.
        return wanted
    wanted += [replace(theirs, learning_rate=rate) for rate in _RATES[:2]]
    return [*wanted, replace(short, length=float(width))]


def speed() -> None:
    """Tokens a second, in turns."""
    torch.set_num_threads(free_cores())
    states = token_states()
    batches = batches_of(states.learned, seed=0)
    body = []
    for width in WIDTHS:
        base = Setting("corpuscope", "batch-top-k", 1e-3, width, N_STEPS[width], k=K, bf16=True)
        settings = {
            "corpuscope": base,
            "corpuscope, float32": replace(base, bf16=False),
            "sae-lens": replace(base, trainer="sae-lens", bf16=False),
            "sae-lens, autocast": replace(base, trainer="sae-lens"),
            "dictionary-learning": replace(base, trainer="dictionary-learning", bf16=False),
            "dictionary-learning, autocast": replace(base, trainer="dictionary-learning"),
        }
        running = {name: setting.begin(states.width) for name, setting in settings.items()}
        for contender in running.values():
            _seconds(contender, [next(batches) for _ in range(3)])
        times: dict[str, list[float]] = {name: [] for name in running}
        for _ in range(_ROUNDS):
            for name, contender in running.items():
                n = 8 if name.startswith("corpuscope") else 2
                seconds = _seconds(contender, [next(batches) for _ in range(n)])
                times[name].append(n * BATCH / seconds)
        ours = times["corpuscope"]
        for name, found in times.items():
            ratios = sorted(a / b for a, b in zip(ours, found, strict=True))
            body.append([
                f"{width:,}", name, f"{statistics.median(found):,.0f}",
                f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})",
            ])  # fmt: skip
    record(
        "Training: tokens a second",
        [
            f"BatchTopK, k = {K}, batches of {BATCH:,} states of width {states.width} in memory, "
            f"{torch.get_num_threads()} threads, {_ROUNDS} turns each. {versions()}.",
            "",
            *table(["features", "trainer", "tokens a second", "corpuscope is faster by"], body),
        ],
    )


def _seconds(contender: Contender, batches: Iterable[torch.Tensor]) -> float:
    begun = time.perf_counter()
    for batch in batches:
        contender.step(batch)
    return time.perf_counter() - begun


if __name__ == "__main__":
    if sys.argv[1] == "speed":
        speed()
    else:
        quality(int(sys.argv[2]))

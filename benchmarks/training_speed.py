"""Tokens a second against other trainers, and what is left over after the same tokens.

    python -m benchmarks.training_speed quality 4096
    python -m benchmarks.training_speed quality 16384
    python -m benchmarks.training_speed speed

Needs sae-lens and dictionary-learning beside this package (`benchmarks/peers.py`). Each trainer
runs with several learning rates and its best one counts; speed is measured in turns within one
process on a machine that does nothing else. Quality needs an hour or two.
"""

import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import replace

import torch

from benchmarks.peers import Contender, Setting, batches_of, versions
from benchmarks.results import record, table
from benchmarks.training_states import N_HELD_OUT, TokenStates, token_states
from corpuscope.reader.threads import free_cores
from corpuscope.sae import SAE
from corpuscope.sae.evaluate import Evaluation, evaluate
from corpuscope.sae.firing import BatchTopK

WIDTHS, K, BATCH = (4096, 16384), 32, 2048
N_STEPS = {4096: 250, 16384: 100}
_RATES = (3e-3, 6e-3, 1e-2)
_ROUNDS = 7


def judged(sae: SAE, states: TokenStates, *, k: int | None = None) -> Evaluation:
    """On held-out states; with `k` at exactly that many features a unit, chosen by batch."""
    fired = sae if k is None else replace(sae, firing=BatchTopK(k))
    return evaluate(fired, [states.held_out])


def learned(setting: Setting, states: TokenStates) -> tuple[SAE, float]:
    """What a setting comes to, and its seconds."""
    contender = setting.begin(states.width)
    batches = batches_of(states.learned, seed=setting.seed)
    begun = time.perf_counter()
    for _ in range(setting.n_steps):
        contender.step(next(batches))
    return contender.finished(), time.perf_counter() - begun


def quality(width: int) -> None:
    """Unexplained variance of each trainer over a grid of settings."""
    states = token_states()
    base = Setting("corpuscope", "batch-top-k", 1e-3, width, N_STEPS[width], k=K)
    wanted = [replace(base, learning_rate=rate, bf16=True) for rate in _RATES]
    theirs = replace(base, trainer="sae-lens")
    wanted += [replace(theirs, learning_rate=rate) for rate in _RATES]
    wanted.append(replace(theirs, learning_rate=_RATES[0], length=float(states.width)))
    other = replace(base, trainer="dictionary-learning")
    wanted += [replace(other, learning_rate=rate) for rate in _RATES]
    body = []
    for setting in wanted:
        sae, seconds = learned(setting, states)
        at_k, own = judged(sae, states, k=K), judged(sae, states)
        body.append([
            setting.trainer, f"{setting.learning_rate:g}", f"{setting.length:g}",
            f"{at_k.unexplained_variance:.4f}", f"{at_k.dead_share:.3f}",
            f"{own.unexplained_variance:.4f}", f"{own.l0:.1f}",
        ])  # fmt: skip
        print(body[-1], f"{seconds:.0f} s", flush=True)
    record(
        f"Training, {width:,} features: unexplained variance after the same tokens",
        [
            f"BatchTopK, k = {K}, {N_STEPS[width]} batches of {BATCH:,} token states of the "
            f"built-in reader (layer 4), judged on {N_HELD_OUT:,} states of other documents. "
            f"{versions()}. "
            "All inputs are centred; square length is what sae-lens' inputs are scaled to.",
            "",
            *table(
                ["trainer", "learning rate", "square length", "unexplained at L0 32 exactly",
                 "dead", "unexplained at its own threshold", "L0 there"],
                body,
            ),
        ],
    )  # fmt: skip


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

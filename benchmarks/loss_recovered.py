"""What dictionaries cost a small causal model: `python -m benchmarks.loss_recovered`.

The model, the dictionaries and this judgement each have documents of their own. Two controls: a
frozen decoder has as many features, as sparse, in directions that were drawn at random; and the
k first principal components take k numbers a state, the same directions for all.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import torch

import corpuscope as cs
from benchmarks.results import record, table
from benchmarks.small_language_model import N_LAYERS, N_LEARNED, documents, small_language_model
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import read_corpus
from corpuscope.reader.language_model import LanguageModel
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.firing import Relu
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.training.loss_recovered.measure import (
    LossRecovered,
    LossSettings,
    loss_recovered,
)
from corpuscope.training.runs import learn
from corpuscope.training.settings import ReadingSettings
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states

N_FEATURES, KS = 2048, (16, 32, 64)
N_STEPS, BATCH, RATE = 300, 2048, 3e-3
N_JUDGED, N_FOR_COMPONENTS = 50_000, 100_000
_LAYER = N_LAYERS // 2


def dictionaries(reader: LanguageModel) -> dict[str, Dictionary]:
    """By name, on documents that neither taught the model nor are held out."""
    recipes = {
        f"k {k}, {'random decoder' if frozen else 'learned'}": Recipe(
            n_features=N_FEATURES,
            objective=BatchTopKObjective(k),
            n_steps=N_STEPS,
            batch_size=BATCH,
            learning_rate=RATE,
            frozen_decoder=frozen,
        )
        for frozen in (False, True)
        for k in KS
    }
    with tempfile.TemporaryDirectory() as folder:
        cache = read_states(
            read_corpus(documents(held_out=False)[N_LEARNED:]),
            into=Path(folder) / "states",
            streams=[Stream("token", (_LAYER,))],
            reading=ReadingSettings(
                reader=reader, context="passage", max_units=(N_STEPS + 10) * BATCH, progress=True
            ),
            held_out=0.0,
        )
        learned = learn(cache, recipes, into=folder, device="cpu")
        states = next(cache.stream(cache.streams[0]).batches(N_FOR_COMPONENTS)).clone()
    found = {name: each.dictionary for name, each in learned.items()}
    like = next(iter(found.values()))
    return found | {f"k {k}, principal components": components(states, k, like) for k in KS}


def components(states: torch.Tensor, k: int, like: Dictionary) -> Dictionary:
    """The k directions of largest variance, with a feature for each and one for its opposite."""
    mean = states.double().mean(dim=0)
    _, directions = torch.linalg.eigh(torch.cov(states.double().T))
    rows = directions.T[-k:].float()
    both = torch.cat([rows, -rows])
    sae = SAE(both, both.clone(), torch.zeros(2 * k), mean.float(), Relu())
    part = Part("token", (_LAYER,), sae)
    return replace(like, parts=(part,), features=like.features.slice(0, 2 * k))


def row(
    name: str, dictionary: Dictionary, corpus: Corpus, reader: LanguageModel
) -> tuple[list[str], LossRecovered, LossRecovered]:
    """A line of the table, and what it is made of."""
    fit = cs.evaluate(dictionary, corpus, reader=reader, max_units=N_JUDGED)["token"]
    mean, zero = (
        loss_recovered(
            dictionary,
            corpus,
            reader=reader,
            settings=LossSettings(ablation=ablation, max_tokens_judged=N_JUDGED),
        )
        for ablation in ("mean", "zero")
    )
    figures = [f"{fit.l0:.1f}", f"{fit.unexplained_variance:.3f}", f"{mean.delta:.3f}"]
    figures += [f"{mean.kl:.3f}", f"{mean.loss_recovered:.3f}", f"{zero.loss_recovered:.3f}"]
    return [name, *figures, f"{mean.kl_recovered:.3f}"], mean, zero


if __name__ == "__main__":
    reader = cs.load_reader(str(small_language_model()), device="cpu", dtype=torch.float32)
    corpus = read_corpus(documents(held_out=True))
    lines = []
    for name, dictionary in dictionaries(reader).items():
        line, mean, zero = row(name, dictionary, corpus, reader)
        lines.append(line)
        print(line, flush=True)
    head = (
        "dictionary", "L0", "unexplained variance", "delta", "KL", "loss recovered (mean)",
        "loss recovered (zero)", "KL recovered (mean)",
    )  # fmt: skip
    about = (
        f"A GPT-2 of {N_LAYERS} layers and width {reader.width} that learned from {N_LEARNED:,} "
        f"documents of the general corpus; its token states after layer {_LAYER}, "
        f"{N_FEATURES:,} features, batch-top-k, {N_STEPS} steps of {BATCH:,}. Judged on "
        f"{mean.n_tokens:,} next tokens of documents that neither has seen; losses in nats. "
        f"The model alone: {mean.ce_original:.3f}; with the states' mean {mean.ce_ablated:.3f}, "
        f"with zeros {zero.ce_ablated:.3f}. Delta is what the loss rises by with states "
        "reconstructed; recovered is the share of what the ablation costs that is won back."
    )
    record("Loss recovered, small causal model", [about, "", *table(head, lines)])

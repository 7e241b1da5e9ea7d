"""Dictionaries for a chat model: `python -m benchmarks.chat_dictionaries`.

Learned from chats, finetuned to chats from one of ordinary texts, and that one unchanged: is it
worth to learn from the kind of text that is to be read? SmolLM2 reads; the answers are of other
models. Judged on chats whose prompts nothing has learned from, prompts and answers apart.

Source of the question: Smith et al. 2025, "Negative results for SAEs on downstream tasks".

What is read and learned is kept; an interrupted run goes on when repeated. Some three hours on two
cores. With `--tokens 200000` it shows that everything runs; nothing is then recorded.
"""

import argparse
import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from matplotlib import pyplot as plt
from scipy.stats import t as student

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, RESULTS, record, table
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import read_corpus
from corpuscope.reader.language_model import LanguageModel
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.evaluate import Evaluation
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.training.evaluate import compare
from corpuscope.training.loss_recovered.measure import (
    LossRecovered,
    LossSettings,
    losses_recovered,
)
from corpuscope.training.runs import learn
from corpuscope.training.settings import ReadingSettings
from corpuscope.training.states.cache import StateCache
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states

LAYER, N_FEATURES, KS, SEEDS = 10, 8192, (32, 96), (0, 1)
N_TOKENS, BATCH = 4_000_000, 2048
FINETUNED_SHARE = 0.25
"""Of the tokens that the others learn from."""
SLOWER = 0.1
"""The learning rate of finetuning, as `corpuscope finetune` has it."""
N_JUDGED, N_PREDICTED, N_LABELLED = 100_000, 20_000, 600
N_DOCUMENTS = 800
ARMS = ("unchanged", "finetuned", "from scratch")
_NOT_ORDINARY = ("instructions", "dialogue", "user requests")
FOLDER = CACHE / "chat-dictionaries"


def ordinary() -> Corpus:
    """Texts that nobody answers, in a fixed random order."""
    found = [
        {"id": row["id"], "text": row["text"]}
        for row in rows("general_corpus/documents.jsonl.gz")
        if row["kind"] not in _NOT_ORDINARY
    ]
    random.Random(0).shuffle(found)
    return read_corpus(found)


def chats(*, held_out: bool) -> Corpus:
    """Prompts with the answers of many models; no prompt is on both sides."""
    found = [
        {
            "id": row["id"],
            "messages": [
                {"role": "user", "content": row["prompt"]},
                {"role": "assistant", "content": row["response"]},
            ],
        }
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["prompt"].strip() and row["response"].strip()
        if holds_out(row["prompt_id"]) == held_out
    ]
    random.Random(0).shuffle(found)
    return read_corpus(found)


def holds_out(prompt_id: str) -> bool:
    """Whether a prompt is kept for judging: one in ten."""
    return hashlib.blake2b(prompt_id.encode(), digest_size=1).digest()[0] < 26


def states_of(name: str, corpus: Corpus, lm: LanguageModel, n_tokens: int) -> StateCache:
    """The states of a corpus, read once."""
    reading = ReadingSettings(reader=lm, context="passage", max_units=n_tokens, progress=True)
    stream = Stream("token", (LAYER,))
    folder = FOLDER / f"{name}-{LAYER}-{n_tokens}"
    return read_states(corpus, into=folder, streams=[stream], held_out=0.01, reading=reading)


def recipe(k: int, seed: int, n_tokens: int, lm: LanguageModel) -> Recipe:
    """How each is learned."""
    return Recipe(
        n_features=N_FEATURES, objective=BatchTopKObjective(k), n_steps=n_tokens // BATCH,
        batch_size=BATCH, bf16=lm.is_bf16, seed=seed,
    )  # fmt: skip


def dictionaries(lm: LanguageModel, n_tokens: int) -> dict[str, Dictionary]:
    """By arm, k and seed."""
    # A little more is read than is learned from, for what is held out.
    n_read = int(1.02 * n_tokens) + BATCH
    of_text = states_of("ordinary", ordinary(), lm, n_read)
    of_chat = states_of("chats", chats(held_out=False), lm, n_read)
    into = FOLDER / f"runs-{LAYER}-{n_tokens}"
    recipes = {(k, seed): recipe(k, seed, n_tokens, lm) for k in KS for seed in SEEDS}
    named = {f"unchanged-{k}-{seed}": one for (k, seed), one in recipes.items()}
    first = learned(of_text, named, into)
    starts = {
        f"finetuned-{k}-{seed}": first[f"unchanged-{k}-{seed}"].parts[0].sae for k, seed in recipes
    }
    slower = {
        f"finetuned-{k}-{seed}": replace(
            one, n_steps=int(FINETUNED_SHARE * one.n_steps), learning_rate=SLOWER * one.height
        )
        for (k, seed), one in recipes.items()
    }
    second = learned(of_chat, slower, into, starts=starts)
    anew = {f"from scratch-{k}-{seed}": one for (k, seed), one in recipes.items()}
    return first | second | learned(of_chat, anew, into)


def learned(
    cache: StateCache, recipes: Mapping[str, Recipe], into: Path, **more: Any
) -> dict[str, Dictionary]:
    """The dictionaries; a line is printed for every hundredth step."""

    def said(name: str, report: Any) -> None:
        if report.step % 100 == 0:
            print(name, report, flush=True)

    learn(cache, recipes, into=into, progress=said, device="cpu", **more)
    return {name: load_dictionary(into / name / "dictionary") for name in recipes}


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of one dictionary."""

    fit: Mapping[str, Evaluation]
    loss: LossRecovered
    labels: tuple[float, float]


def judged(found: Mapping[str, Dictionary], lm: LanguageModel, n: int) -> dict[str, Judged]:
    """Each dictionary on chats whose prompts nothing has learned from."""
    corpus = chats(held_out=True)
    fits = {
        role: compare(found, corpus, reader=lm, roles=[role], max_units=n, progress=True)
        for role in ("user", "assistant")
    }
    losses = losses_recovered(
        found,
        corpus,
        reader=lm,
        settings=LossSettings(max_tokens_judged=n * N_PREDICTED // N_JUDGED, progress=True),
    )
    labels = label_scores(found, lm)
    return {
        name: Judged(
            {role: one.evaluations[name]["token"] for role, one in fits.items()},
            losses[name],
            labels[name],
        )
        for name in found
    }


def label_scores(
    found: Mapping[str, Dictionary], lm: LanguageModel
) -> dict[str, tuple[float, float]]:
    """The scores of labels made from words: over features, and over firings.

    All dictionaries are parts of one, so that the texts are read once. Of each the same number of
    features that fire is labelled, drawn at random.
    """
    whole = joined(list(found.values()))
    corpus = read_corpus(
        [row for row, _ in zip(_rows_of(chats(held_out=True)), range(N_DOCUMENTS), strict=False)]
    )
    folder = FOLDER / f"labels-{whole.digest[:12]}.scope"
    store = cs.extract(corpus, into=folder, dictionary=whole, reader=lm, progress=True)
    n_with = np.asarray(store.presence().sum(axis=0)).ravel()
    generator = np.random.default_rng(0)
    scores = {}
    for number, name in enumerate(found):
        own = np.arange(number * N_FEATURES, (number + 1) * N_FEATURES)
        live = own[(n_with[own] >= 20) & (n_with[own] < 0.8 * store.n_documents)]
        chosen = generator.choice(live, min(N_LABELLED, len(live)), replace=False)
        names = cs.label_features(store, features=[int(one) for one in chosen]).dropna(
            subset=["score"]
        )
        density = whole.features["density"].to_numpy()[names["feature"].to_numpy()]
        values = names["score"].to_numpy()
        scores[name] = (float(values.mean()), float(np.average(values, weights=density)))
        print(name, len(names), scores[name], flush=True)
    return scores


def joined(each: Sequence[Dictionary]) -> Dictionary:
    """One dictionary that has each of these as a part."""
    features = pd.concat([one.features.to_pandas() for one in each], ignore_index=True)
    features["feature"] = range(len(features))
    return replace(
        each[0],
        parts=tuple(one.parts[0] for one in each),
        features=pa.Table.from_pandas(features, preserve_index=False),
    )


def _rows_of(corpus: Corpus) -> list[dict[str, object]]:
    return [
        {
            "id": one.id,
            "messages": [
                {"role": role.role, "content": one.text[role.start : role.end][:600]}
                for role in one.roles
            ],
        }
        for one in corpus
    ]


MEASURES = (
    "L0, prompts", "unexplained variance, prompts", "L0, answers", "unexplained variance, answers",
    "loss increase, prompts", "KL, prompts", "loss increase, answers", "KL, answers",
    "loss recovered", "dense features", "firings of dense features", "label score",
    "label score by firings",
)  # fmt: skip


def figures(one: Judged) -> dict[str, float]:
    """The measures of one dictionary."""
    prompts, answers = one.fit["user"], one.fit["assistant"]
    of_prompts, of_answers = one.loss.by_role["user"], one.loss.by_role["assistant"]
    values = (
        prompts.l0, prompts.unexplained_variance, answers.l0, answers.unexplained_variance,
        of_prompts.delta, of_prompts.kl, of_answers.delta, of_answers.kl,
        one.loss.loss_recovered, answers.dense_share, answers.l0_of_dense, *one.labels,
    )  # fmt: skip
    return dict(zip(MEASURES, values, strict=True))


def by_arm(found: Mapping[str, Judged]) -> pd.DataFrame:
    """A row for each dictionary."""
    made = []
    for name, one in found.items():
        arm, k, seed = name.rsplit("-", 2)
        made.append({"arm": arm, "k": int(k), "seed": int(seed)} | figures(one))
    return pd.DataFrame(made)


def compared(frame: pd.DataFrame, measure: str, one: str, other: str) -> str:
    """How much more the first arm has, over equal k and seed, with a 95 % interval."""
    pairs = frame.pivot_table(index=["k", "seed"], columns="arm", values=measure)
    gaps = (pairs[one] - pairs[other]).to_numpy()
    half = student.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps))
    return f"{gaps.mean():+.4f} ± {half:.4f}"


def plotted(frame: pd.DataFrame, into: Path) -> None:
    """Unexplained variance and KL against L0, for prompts and for answers."""
    figure, axes = plt.subplots(2, 2, figsize=(8, 6), layout="constrained")
    colours = dict(zip(ARMS, ("#000000", "#0072B2", "#D55E00"), strict=True))
    for column, part in enumerate(("prompts", "answers")):
        for row, measure in enumerate(("unexplained variance", "KL")):
            ax = axes[row, column]
            for arm in ARMS:
                own = frame[frame["arm"] == arm]
                across = own[f"L0, {part}"]
                ax.scatter(across, own[f"{measure}, {part}"], color=colours[arm], s=14, label=arm)
                middle = own.groupby("k")[[f"L0, {part}", f"{measure}, {part}"]].mean()
                ax.plot(*middle.to_numpy().T, color=colours[arm], linewidth=1.2)
            ax.set_xlabel("active features (L0)")
            ax.set_ylabel(f"{measure}, {part}")
            ax.set_ylim(bottom=0)
            for side in ("top", "right"):
                ax.spines[side].set_visible(False)
    axes[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(into, dpi=110)
    plt.close(figure)


def main(n_tokens: int) -> None:
    """Learn, judge and record."""
    lm = cs.load_reader("smollm2")
    found = dictionaries(lm, n_tokens)
    is_whole = n_tokens == N_TOKENS
    frame = by_arm(judged(found, lm, N_JUDGED if is_whole else N_JUDGED // 20))
    lines = [
        [arm, k, seed, *(f"{row[measure]:.3f}" for measure in MEASURES)]
        for (arm, k, seed), row in frame.set_index(["arm", "k", "seed"]).iterrows()
    ]
    pairs = (("finetuned", "unchanged"), ("from scratch", "unchanged"),
             ("finetuned", "from scratch"))  # fmt: skip
    gaps = [[f"{one} less {other}", *(compared(frame, m, one, other) for m in MEASURES)]
            for one, other in pairs]  # fmt: skip
    body = [
        _about(lm, n_tokens), "", *table(["dictionary", "k", "seed", *MEASURES], lines), "",
        "Differences at equal k and seed, with 95 % intervals over the four pairs:", "",
        *table(["difference", *MEASURES], gaps),
    ]  # fmt: skip
    if not is_whole:
        print("\n".join(body))
        return
    plotted(frame, RESULTS.parents[1] / "docs" / "pictures" / "chat_dictionaries.png")
    record("Dictionaries for a chat model", body)


def _about(lm: LanguageModel, n_tokens: int) -> str:
    return (
        f"SmolLM2-135M-Instruct, states after layer {LAYER} of {lm.n_layers}, {N_FEATURES:,} "
        f"features, batch-top-k. Unchanged: {n_tokens:,} tokens of ordinary texts. From scratch: "
        f"as many of chats (the answers of many models, in the model's own template). Finetuned: "
        f"the unchanged one, with {FINETUNED_SHARE:.0%} as many tokens of chats at a tenth of the "
        f"learning rate. Judged on chats with other prompts: {N_JUDGED:,} tokens for L0 and "
        f"unexplained variance, {N_PREDICTED:,} predicted tokens for the model's loss (nats; "
        "states of prompts and of answers are replaced at once), labels of words from "
        f"{N_DOCUMENTS} of these chats for {N_LABELLED} features each, chosen at random "
        "(chance 1/11)."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=N_TOKENS, help="tokens to learn from")
    main(parser.parse_args().tokens)

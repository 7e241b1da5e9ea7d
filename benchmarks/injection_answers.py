"""Odd combinations among many models' answers: `python -m benchmarks.injection_answers`.

Ten texts of each of three odd combinations, made as in `benchmarks.injection`, among the answers of
32 models to 31 prompts (some 990), other prompts in each run. A prompt gives its answers a topic,
and a topic gives pairs of features: what stands first must not be prompts. The ten texts of a
combination stand where answers to ten different prompts could. With the column of prompts and
without it, as anyone would ask first, and counting documents, as before.

As there, only kinds take part that the dictionary sees and that are odd here: a feature is in three
quarters of other texts of the kind, and in at most 3 % of the answers. The first ten runs were
used to choose between ways of counting, or looked at before the last choice; the others, with
prompts of their own, are reported.
"""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.injection import (
    FIRST,
    MIN_SUPPORT,
    N_COMBINATIONS,
    N_TEXTS,
    RARE,
    SEEN_IN,
    Judge,
    drawn,
    folder_of,
    pools_of,
    texts_of_kinds,
)
from benchmarks.kinds import rows
from benchmarks.results import record, table
from corpuscope.corpus.read import read_corpus
from corpuscope.store.joined import JoinedStore
from corpuscope.store.store import Store

_PROMPTS, _REPORTED = 31, range(10, 16)
Text = dict[str, object]


def _prompts() -> dict[int, list[str]]:
    """The prompts of each run that is reported."""
    every = sorted({row["prompt_id"] for row in rows("alpaca_eval/responses.jsonl.gz")})
    random.Random("answers").shuffle(every)
    return {at: every[at * _PROMPTS : (at + 1) * _PROMPTS] for at in _REPORTED}


def answers(*, with_prompts: bool) -> Store:
    """All models' answers to the prompts of all runs."""
    run_of = {prompt: at for at, prompts in _prompts().items() for prompt in prompts}
    texts: list[Text] = [
        {
            "id": row["id"], "text": row["response"], "run": run_of[row["prompt_id"]],
            "combination": None, "part": None,
        } | ({"prompt_id": row["prompt_id"]} if with_prompts else {})
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["prompt_id"] in run_of and row["response"].strip()
    ]  # fmt: skip
    name = f"fresh-answers{'-prompts' if with_prompts else ''}"
    return cs.extract(read_corpus(texts), into=folder_of(name), progress=True)


def kinds_seen(store: Store) -> list[str]:
    """The kinds that a feature sees and the answers seldom have, by texts that are not planted."""
    pools = pools_of("report")
    kinds = cs.extract(
        read_corpus(texts_of_kinds(pools)), into=folder_of("kinds-alone"), progress=True
    )
    has, kind = kinds.presence() != 0, kinds.column("kind")
    in_answers = store.presence() != 0
    rates = np.asarray(in_answers[np.arange(store.n_documents)].mean(axis=0)).reshape(-1)
    seen = []
    for name in pools:
        first, second = (
            np.asarray(has[half].mean(axis=0)).reshape(-1)
            for half in np.array_split(np.flatnonzero(kind == name), 2)
        )
        best = int(np.where(rates <= RARE, first, 0).argmax())
        if second[best] >= SEEN_IN["report"]:
            seen.append(name)
    return seen


def _planted_texts(kinds: Sequence[str], *, with_prompts: bool) -> Iterator[Text]:
    pools, prompts = pools_of("report"), _prompts()
    for run in _REPORTED:
        pairs = random.Random(f"pairs {run}").sample(sorted(kinds), 2 * N_COMBINATIONS)
        for pair in zip(pairs[::2], pairs[1::2], strict=True):
            name = f"{run}/{pair[0]}+{pair[1]}"
            generator = random.Random(name)
            places = generator.sample(prompts[run], N_TEXTS)
            for number, place in enumerate(places):
                halves = [drawn(pools[kind][: len(pools[kind]) // 2], generator) for kind in pair]
                whole = [sentence for half in halves for sentence in half]
                generator.shuffle(whole)
                for part, sentences in (("whole", whole), ("a", halves[0]), ("b", halves[1])):
                    yield {
                        "id": f"{name}/{number}/{part}", "text": "\n".join(sentences), "run": run,
                        "combination": name, "part": part,
                    } | ({"prompt_id": place} if with_prompts else {})  # fmt: skip


def planted(kinds: Sequence[str], *, with_prompts: bool) -> Store:
    """The texts of all combinations, each whole and as its two halves."""
    name = f"fresh-planted{'-prompts' if with_prompts else ''}"
    texts = _planted_texts(kinds, with_prompts=with_prompts)
    return cs.extract(read_corpus(list(texts)), into=folder_of(name), progress=True)


def _ranks(
    stores: Sequence[Store], judge: Judge, number: int, settings: cs.CorrelateSettings
) -> list[int | None]:
    """The rank of each combination of a run among the unexpected findings."""
    run = np.concatenate([store.column("run") for store in stores])
    among: npt.NDArray[np.bool_] = (run == number) & (
        np.equal(judge.combination, None) | (judge.part == "whole")
    )
    found = cs.correlate(list(stores), among=among, settings=settings)
    first = [one for one in found.findings if one.unexpected][:FIRST]
    ranks = [
        next((at for at, one in enumerate(first, 1) if judge.tells(one, name, among)), None)
        for name in dict.fromkeys(judge.combination[among])
        if name
    ]
    print(number, ranks, len(found.findings), *found.warnings, flush=True)
    return ranks


def main() -> None:
    """Record how often combinations are among the first twenty."""
    body = []
    for with_prompts, name in ((True, "with a column of prompts"), (False, "without it")):
        first = answers(with_prompts=with_prompts)
        kinds = kinds_seen(first)
        stores = [first, planted(kinds, with_prompts=with_prompts)]
        judge = Judge(JoinedStore(stores).as_one)
        for counts, words in ((True, ""), (False, ", counting documents")):
            settings = cs.CorrelateSettings(min_support=MIN_SUPPORT, evidence=0, finds_group=counts)
            ranks = [
                rank for number in _REPORTED for rank in _ranks(stores, judge, number, settings)
            ]
            hits = [rank for rank in ranks if rank is not None]
            middle = f"{np.median(hits):.0f}" if hits else "-"
            body.append((name + words, f"{len(hits)} of {len(ranks)}", middle))
    record("Odd combinations among many models' answers", [
        f"{len(_REPORTED)} runs of {N_COMBINATIONS} combinations of {', '.join(kinds)}; "
        f"{N_TEXTS} texts each.", "",
        *table((f"32 models, {_PROMPTS} prompts", f"in the first {FIRST}", "median rank"), body),
    ])  # fmt: skip


if __name__ == "__main__":
    main()

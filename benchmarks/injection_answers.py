"""Odd combinations among many models' answers: `python -m benchmarks.injection_answers`.

As `benchmarks.injection`, with the report kinds, but among about 990 answers of 32 models to 31
prompts, other prompts in each run. A prompt gives its answers a topic, and a topic gives pairs of
features: what stands first must not be prompts. The ten texts of a combination stand where answers
to ten different prompts could. With the column of prompts and without it, the command as anyone
would give it first.
"""

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.injection import FIRST, MIN_SUPPORT, N_RUNS, Judge, folder_of, texts_of
from benchmarks.kinds import rows
from benchmarks.results import record, table
from corpuscope.corpus.read import read_corpus
from corpuscope.store.store import Store

_PROMPTS, _RUNS = 31, 10


def _prompts() -> list[list[str]]:
    """The prompts of each run."""
    every = sorted({row["prompt_id"] for row in rows("alpaca_eval/responses.jsonl.gz")})
    random.Random("answers").shuffle(every)
    return [every[at * _PROMPTS : (at + 1) * _PROMPTS] for at in range(_RUNS)]


def read(*, with_prompts: bool) -> Store:
    """The answers to all prompts and all texts of combinations."""
    runs = _prompts()
    run_of = {prompt: at for at, prompts in enumerate(runs) for prompt in prompts}
    answers = [
        {"id": row["id"], "text": row["response"], "run": run_of[row["prompt_id"]]}
        | ({"prompt_id": row["prompt_id"]} if with_prompts else {})
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["prompt_id"] in run_of and row["response"].strip()
    ]
    planted, generator = [], random.Random("planted")
    drawn: dict[str, list[str]] = {}
    for text in texts_of("report"):
        run = int(text["combination"].split("/")[0])
        if run >= _RUNS:
            break
        place = drawn.setdefault(text["combination"], generator.sample(runs[run], _PROMPTS))
        number = int(text["id"].split("/")[2])
        planted.append(text | {"run": run} | ({"prompt_id": place[number]} if with_prompts else {}))
    name = f"answers{'-prompts' if with_prompts else ''}"
    return cs.extract(read_corpus([*answers, *planted]), into=folder_of(name), progress=True)


def _ranks(
    store: Store, judge: Judge, number: int, **options: object
) -> tuple[list[int | None], list[str]]:
    """The rank of each combination of a run among the unexpected findings, and the first ones."""
    run = store.column("run")
    among: npt.NDArray[np.bool_] = (run == number) & (
        np.equal(judge.combination, None) | (judge.part == "whole")
    )
    found = cs.correlate(
        store, among=among, settings=cs.CorrelateSettings(min_support=MIN_SUPPORT, evidence=0),
        **options,  # type: ignore[arg-type]
    )  # fmt: skip
    first = [one for one in found.findings if one.unexpected][:FIRST]
    names = dict.fromkeys(str(n) for n in judge.combination[among] if n)
    ranks = [
        next((at for at, one in enumerate(first, 1) if judge.tells(one, name, among)), None)
        for name in names
    ]
    print(number, ranks, len(found.findings), *found.warnings, flush=True)
    return ranks, [f"{one.label_a} + {one.label_b}" for one in first]


def _row(name: str, ranks: Sequence[int | None]) -> tuple[object, ...]:
    hits = [rank for rank in ranks if rank is not None]
    return name, f"{len(hits) / len(ranks):.0%}", f"{np.median(hits):.0f}" if hits else "-"


def main() -> None:
    """Record how often combinations are among the first twenty."""
    body = []
    for with_prompts, name in ((True, "with a column of prompts"), (False, "without it")):
        store = read(with_prompts=with_prompts)
        judge = Judge(store)
        every = [rank for number in range(_RUNS) for rank in _ranks(store, judge, number)[0]]
        body.append(_row(name, every))
    record("Odd combinations among many models' answers", [
        f"{_RUNS} runs ({N_RUNS} in `benchmarks.injection`) of three combinations of ten texts.",
        "", *table((f"32 models, {_PROMPTS} prompts", f"in the first {FIRST}", "median rank"), body),
    ])  # fmt: skip


if __name__ == "__main__":
    main()

"""Odd combinations with a language model's guess: `python -m benchmarks.injection_judged FOLDER`.

The worlds of `benchmarks.injection` (report kinds), the first twenty runs of each size. The first
60 unexpected findings are judged from their names alone (`CorrelateResult.judged`) and ordered by
how odd they are. FOLDER holds requests and answers of a batch.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.injection import BACKGROUND, FIRST, MIN_SUPPORT, Judge, read
from benchmarks.results import record, table
from corpuscope.analyses.correlate.result import CorrelateResult
from corpuscope.errors import AnswersMissing
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request

_RUNS, _JUDGED = 20, 60


def world(judge: Judge, number: int, n_background: int) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """The combinations of a run, and which texts are in it; as in `benchmarks.injection`."""
    generator = np.random.default_rng([number, n_background])
    background = np.flatnonzero(np.equal(judge.combination, None))
    names = [n for n in dict.fromkeys(judge.combination) if n and n.startswith(f"{number}/")]
    among = np.isin(judge.combination.astype(str), names) & (judge.part == "whole")
    among[generator.permutation(background)[:n_background]] = True
    return names, among


def rank_of(
    found: CorrelateResult, judge: Judge, name: str, among: npt.NDArray[np.bool_]
) -> int | None:
    """The rank of the first unexpected finding that tells a combination, among the first 20."""
    first = [one for one in found.findings if one.unexpected][:FIRST]
    return next((at for at, one in enumerate(first, 1) if judge.tells(one, name, among)), None)


def main(folder: Path) -> None:
    """Record how often combinations are among the first twenty, before and after."""
    store = read("report")
    judge = Judge(store)
    llm = LLM(BatchFolder(folder))
    settings = cs.CorrelateSettings(
        min_support=MIN_SUPPORT, rename=False, evidence=0, max_findings=None
    )
    worlds = []
    for n_background in BACKGROUND["report"]:
        for number in range(_RUNS):
            names, among = world(judge, number, n_background)
            found = cs.correlate(store, among=among, settings=settings)
            worlds.append((n_background, names, among, found))
            print(n_background, number, len(found), flush=True)
    asked: list[Request] = [
        request for *_, found in worlds for request in found.judging_requests(n=_JUDGED)
    ]
    try:
        llm.ask(asked)
    except AnswersMissing as error:
        print(error)
        return
    body = []
    for n_background in BACKGROUND["report"]:
        before: list[int | None] = []
        after: list[int | None] = []
        n_calibrated = 0
        for size, names, among, found in worlds:
            if size != n_background:
                continue
            odd = found.judged(llm, n=_JUDGED)
            n_calibrated += not any("no pair is called odd" in one for one in odd.warnings)
            before += [rank_of(found, judge, name, among) for name in names]
            after += [rank_of(odd, judge, name, among) for name in names]
        for words, ranks in (("as found", before), ("the oddest first", after)):
            hits = [rank for rank in ranks if rank is not None]
            middle = f"{np.median(hits):.0f}" if hits else "-"
            body.append((f"{n_background:,}, {words}", f"{len(hits) / len(ranks):.0%}", middle))
        body.append((f"{n_background:,}, calibrated runs", f"{n_calibrated} of {_RUNS}", ""))
    record("Odd combinations judged from their names", [
        f"{_RUNS} runs of three combinations, ten texts each. Answered by "
        f"{', '.join(llm.receipt().models)}.", "",
        *table((f"texts around them, first {FIRST}", "found", "median rank"), body),
    ])  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))

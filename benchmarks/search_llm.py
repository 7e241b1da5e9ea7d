"""What a language model adds to `search`: `python -m benchmarks.search_llm FOLDER [development]`.

The property queries of `benchmarks.search`: asked as they are, with the phrase in other words
(`expanded`), and then with the first 50 texts graded (`SearchResult.graded`). FOLDER holds requests
and answers of a batch; what is missing is written there. Weights of other words were chosen on the
development queries, without grades.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.results import record
from benchmarks.search import FUSION, Figures, Order, asked, figures, lines_of, matchers
from benchmarks.search_queries import Query, all_queries
from corpuscope.analyses.search.expansion import Expansion, expanded, expansion_request
from corpuscope.analyses.search.grading import graded, grading_request
from corpuscope.analyses.search.query import Request
from corpuscope.analyses.search.retrieval import Matcher
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM

_DEPTH = 50
_USING = ("features", "dense", "words")


def request_of(query: Query, expansion: Expansion | None) -> Request:
    """What `search` asks."""
    return Request(query.phrase, using=_USING, expansion=expansion)


def texts_of(matcher: Matcher, rows: Order) -> list[str]:
    """Texts of some rows."""
    return matcher.store.texts(rows.tolist())


def by_grade(matcher: Matcher, query: Query, request: Request, order: Order, llm: LLM) -> Order:
    """The order with its first texts graded."""
    first = order[:_DEPTH]
    grades = graded(query.phrase, texts_of(matcher, first), llm, expansion=request.expansion)
    better = np.argsort([-one.rank_value for one in grades], kind="stable")
    return np.concatenate([first[better], order[_DEPTH:]])


def main(folder: Path, part: str, *, with_grades: bool) -> None:
    """Ask all property queries of a part in each way."""
    queries = [one for one in all_queries() if one.part == part and not one.is_topical]
    ready = matchers({one.corpus for one in queries})
    queries = [one for one in queries if any(map(one.wants, ready[one.corpus][1]))]
    llm = LLM(BatchFolder(folder))
    llm.ask([expansion_request(one.phrase) for one in queries])
    expansions = [expanded(one.phrase, llm) for one in queries]
    orders = [
        {
            name: asked(ready[one.corpus][0], request_of(one, expansion if name else None))
            for name in ("", "expanded")
        }
        for one, expansion in zip(queries, expansions, strict=True)
    ]
    if with_grades:
        # All that will be asked, in one round.
        llm.ask([
            grading_request(one.phrase, text, expansion)
            for one, expansion, order in zip(queries, expansions, orders, strict=True)
            for text in texts_of(ready[one.corpus][0], order["expanded"][:_DEPTH])
        ])  # fmt: skip
    found: dict[str, list[Figures]] = {}
    for one, expansion, order in zip(queries, expansions, orders, strict=True):
        matcher, rows = ready[one.corpus]
        is_relevant = np.array([one.wants(row) for row in rows])
        ways = {FUSION: order[""], "in other words": order["expanded"]}
        if with_grades:
            request = request_of(one, expansion)
            graded_order = by_grade(matcher, one, request, order["expanded"], llm)
            ways["in other words, first 50 graded"] = graded_order
        for name, way in ways.items():
            found.setdefault(name, []).append(figures(way, is_relevant))
    values = {name: np.array(one) for name, one in found.items()}
    record(f"Search with a language model ({part} queries)", [
        *summary(values, queries), "", f"Answered by {', '.join(llm.receipt().models)}.",
    ])  # fmt: skip


def summary(values: dict[str, npt.NDArray[np.float64]], queries: Sequence[Query]) -> list[str]:
    """MAP, MP@10 and MP@50 of each way; then differences of MP@10."""
    lines = lines_of(values, queries)
    base = values[FUSION][:, 1]
    for name, one in values.items():
        if name != FUSION:
            gain = one[:, 1] - base
            draws = np.random.default_rng(0).choice(gain, (2_000, len(gain))).mean(axis=1)
            low, high = np.quantile(draws, [0.025, 0.975])
            told = f"{name}: MP@10 less fusion's {gain.mean():+.3f} ({low:+.3f} to {high:+.3f})"
            lines += ["", f"{told}."]
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("part", nargs="?", default="report", choices=["report", "development"])
    parser.add_argument("--no-grades", action="store_true")
    chosen = parser.parse_args()
    main(chosen.folder, chosen.part, with_grades=not chosen.no_grades)

"""When `search` warns that its hits may have nothing: `python -m benchmarks.search_warning [part]`.

Each query of `benchmarks/search_queries.py` is asked of its own corpus, where it is known which
texts have the property, and of the other corpora, where none is taken to have it. The warning
should come where fewer than a third of the first ten hits have it, and seldom where more than half
do. The rule, a share of names of features, was chosen on the development queries.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.kinds import Row
from benchmarks.results import record, table
from benchmarks.search import matchers
from benchmarks.search_queries import Query, all_queries
from corpuscope.analyses.search.query import Request
from corpuscope.analyses.search.retrieval import Matcher
from corpuscope.ranges import METHODS

CORPORA = ("persona", "clinc", "styles", "keypoints", "demo")
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
N_HITS = 10
FEW, MANY = 1 / 3, 1 / 2
OLD_BAR = 0.2

Case = tuple[bool, float, tuple[bool, ...]]
"""Whether the corpus is the query's own, the share of right hits, which rules would warn."""


def cases(
    queries: Sequence[Query], name: str, matcher: Matcher, rows: Sequence[Row]
) -> Iterator[Case]:
    """One for each query that could be answered."""
    vectors = matcher.vectors(Request("any"))
    assert vectors is not None
    bars = np.quantile(matcher.typical_similarity(vectors), SHARES)
    for query in queries:
        is_own = query.corpus == name
        wanted = np.array([is_own and query.wants(row) for row in rows])
        request = Request(query.phrase, using=METHODS)
        found = matcher.match(request)
        if is_own and not wanted.any():
            continue
        # As it was: the nearest to the phrase less a part of what all texts have in common.
        direction = matcher._direction(
            request, vectors, like=np.empty(0, np.int64), unlike=np.empty(0, np.int64)
        )
        old = bool(vectors.similarity(direction).max() < OLD_BAR)
        rules = (old, *(bool(found.nearest_cosine < bar) for bar in bars))
        yield is_own, float(wanted[found.order[:N_HITS]].mean()), rules


def lines(found: Sequence[Case]) -> list[str]:
    """For each rule how often it warns, by what the hits are."""
    is_own, right, rules = (np.array(column) for column in zip(*found, strict=True))
    kinds = {
        "another corpus": ~is_own,
        "own, under a third right": is_own & (right < FEW),
        "own, between": is_own & (right >= FEW) & (right <= MANY),
        "own, over half right": is_own & (right > MANY),
    }
    names = [f"cosine below {OLD_BAR}, centred (before)",
             *(f"nearer than {share:.0%} of names or less" for share in SHARES)]  # fmt: skip
    body = [
        [name, *(f"{rules[of, at].mean():.2f}" if of.any() else "" for of in kinds.values())]
        for at, name in enumerate(names)
    ]
    return table(["warns if", *(f"{k} ({of.sum()})" for k, of in kinds.items())], body)


def main(part: str) -> None:
    """Ask all queries of a part."""
    queries = [q for q in all_queries() if q.part == part and q.corpus in CORPORA]
    names = {query.corpus for query in queries}
    ready = matchers(names)
    found = [case for name, (m, rows) in ready.items() for case in cases(queries, name, m, rows)]
    record(
        f"Search: when it warns ({part} queries)",
        [
            f"Share of searches with a warning, by the share of the first {N_HITS} hits that have "
            f"the property; {len(queries)} queries, each asked of {', '.join(ready)}.",
            "",
            *lines(found),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="report", choices=["report", "development"])
    main(parser.parse_args().part)

"""Odd combinations among real texts: `python -m benchmarks.injection development|report`.

After the protocol of the first source: ten texts of each of three odd combinations among 990, and
among 9,990, real texts. A combination is of two kinds of real sentences (`benchmarks/kinds.py`),
two to six sentences of each to a text; kinds, texts and background are drawn anew for each run.
Is each combination among the first 20 unexpected findings?

The background is of texts that have little to do with each other: one answer to each prompt,
comments, essays, news and stretches of articles (in development abstracts). None is among those
that the dictionary, and what it knows of companions, was learned from: what goes together there
would count as expected. Several answers to one prompt would share what the prompt brings along,
of which there is more than of what is planted; `one_per` is for that. And a good share is as long
as what is put among them: texts that are longer than all others have more of everything, so what
they share is no finding.

Only kinds that the dictionary sees take part: one of its features is in three quarters of other
texts of the kind, and in at most 3 % of the background; else ten texts hold no five with both. It
is chosen on some of these texts and counted on the rest; no finding has a say in it. (In
development three fifths, for there are too few.)

That leaves some to chance: with features in three quarters of the
texts of their kinds, five of ten texts have both in 76 of 100 draws. 95 of 100 takes 86 %, so
combinations of two kinds that are seen in so many texts are counted for themselves as well.

Not every pair of kinds is odd: verdicts on films beside product reviews surprise nobody. Those
that are odd by a measure apart from all findings are counted for themselves: the mean dense
vectors of the two kinds' texts are less alike than those of the median pair of kinds.

A finding tells a combination if at least half of its documents are texts of it, and its two
features are of the two kinds: each is in more of the one kind's sentences than of the other's.
Of random pairings, where one of each two views is shuffled against the other, nothing should be
reported.
"""

import argparse
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.builtin_dictionary import not_learned_from
from benchmarks.kinds import DEVELOPMENT, REPORT, rows
from benchmarks.planted import training_wordings, usable_sentences
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.correlate.pair_selection import find_pairs
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.views import View, view_of
from corpuscope.corpus.read import read_corpus
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.rates.lengths import length_quantiles
from corpuscope.store.store import Store

N_RUNS, N_COMBINATIONS, N_TEXTS = 50, 3, 10
BACKGROUND = {"development": (990, 4_200), "report": (990, 9_990)}
FIRST = 20
MIN_SUPPORT = 5
LEAST_SENTENCES = 200
FEWEST, MOST = 2, 6
SHORTEST, LONGEST = 100, 3_000
N_BACKGROUND_TO_SEE, N_TO_SEE, RARE = 1_000, 400, 0.03
SEEN_IN = {"development": 0.6, "report": 0.75}
WELL = 0.86
N_SHUFFLED = 100
HEADER = ["texts around them", "found", "of odd kinds", "of kinds seen well", "median rank",
          "findings"]  # fmt: skip


@dataclass(frozen=True)
class Combination:
    """Two kinds whose sentences are put together in one run."""

    run: int
    kinds: tuple[str, str]

    @property
    def name(self) -> str:
        """As ids begin."""
        return f"{self.run}/{self.kinds[0]}+{self.kinds[1]}"


def pools_of(family: str) -> dict[str, list[str]]:
    """Sentences of each kind that has enough of them."""
    used = training_wordings()
    kinds = REPORT if family == "report" else DEVELOPMENT
    pools = {kind.name: usable_sentences(kind, used) for kind in kinds}
    return {name: pool for name, pool in pools.items() if len(pool) >= LEAST_SENTENCES}


def texts_of_kinds(pools: dict[str, list[str]]) -> list[dict[str, object]]:
    """Texts of each kind that are planted nowhere, by which a feature may be seen to tell it."""
    return [
        {"id": f"{kind}/{number}", "kind": kind,
         "text": "\n".join(drawn(pool[len(pool) // 2 :], generator))}
        for kind, pool in pools.items()
        for generator in [random.Random(kind)]
        for number in range(N_TO_SEE)
    ]  # fmt: skip


def seen_kinds(family: str, pools: dict[str, list[str]]) -> list[str]:
    """The kinds that a feature of the dictionary sees, by texts that are not used again."""
    base = [text | {"kind": None} for text in background_of(family)[:N_BACKGROUND_TO_SEE]]
    made = texts_of_kinds(pools)
    store = cs.extract(read_corpus([*base, *made]), into=folder_of(f"seen-{family}"))
    has, kinds = store.presence() != 0, store.column("kind")
    in_base = np.asarray(has[np.flatnonzero(np.equal(kinds, None))].mean(axis=0)).ravel()
    seen = []
    for kind in pools:
        own = np.flatnonzero(kinds == kind)
        first, second = (np.asarray(has[half].mean(axis=0)).ravel()
                         for half in np.array_split(own, 2))  # fmt: skip
        best = int(np.where(in_base <= RARE, first, 0).argmax())
        if second[best] >= SEEN_IN[family]:
            seen.append(kind)
    return seen


def drawn(pool: Sequence[str], generator: random.Random) -> list[str]:
    """Some sentences, so many that texts are as unlike in length as real ones are."""
    return generator.sample(list(pool), generator.randint(FEWEST, MOST))


def stretches(sentences: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Sentences that follow each other, as many at a time as are put together for a combination."""
    generator, at = random.Random(0), 0
    while at < len(sentences):
        some = sentences[
            at : at + generator.randint(FEWEST, MOST) + generator.randint(FEWEST, MOST)
        ]
        yield {"id": some[0]["id"], "text": " ".join(row["text"] for row in some)}
        at += len(some)


def background_of(family: str) -> list[dict[str, str]]:
    """Real texts in a fixed random order; the other family has none of them."""
    parity = 0 if family == "development" else 1
    answers = {
        row["prompt_id"]: {"id": row["id"], "text": row["response"]}
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if int("".join(filter(str.isdigit, row["prompt_id"]))) % 2 == parity
    }
    if family == "development":
        others = list(rows("keyword_abstracts/abstracts.jsonl.gz"))
    else:
        others = [
            *rows("civil_comments_toxic_spans/comments.jsonl.gz"),
            *rows("jigsaw_bias_madlibs/wiki_comments.jsonl.gz"),
            *({"id": row["id"], "text": row["response"]}
              for row in rows("human_chatgpt_essays/essays.jsonl.gz")
              if row["author_kind"] == "human"),
            # The others of these were written by a model, several from one article.
            *(row for row in rows("hc3_plus_si_val/texts.jsonl.gz") if row["label"] == 0),
            *(row for row in rows("ag_news_test/news.jsonl.gz")
              if row["topic"] in ("World", "Sci/Tech")),
            *stretches([row for row in rows("nltk_general/abc_news.jsonl.gz")
                        if row["topic"] == "science"]),
        ]  # fmt: skip
    found = [
        {"id": row["id"], "text": row["text"]}
        for row in not_learned_from([*answers.values(), *others])
        if SHORTEST <= len(row["text"]) <= LONGEST
    ]
    random.Random(family).shuffle(found)
    return found


def folder_of(name: str) -> Path:
    """Where a store of the built-in dictionary is kept."""
    return CACHE / f"injection-{name}-{cs.load_dictionary().digest[:8]}.scope"


def texts_of(family: str) -> Iterator[dict[str, str]]:
    """The texts of all combinations, each whole and as its two halves, apart."""
    pools = pools_of(family)
    for combination in combinations(sorted(seen_kinds(family, pools))):
        generator = random.Random(combination.name)
        for number in range(N_TEXTS):
            halves = [
                drawn(pools[kind][: len(pools[kind]) // 2], generator) for kind in combination.kinds
            ]
            sentences = [sentence for half in halves for sentence in half]
            generator.shuffle(sentences)
            about = {"combination": combination.name}
            whole = f"{combination.name}/{number}"
            yield {"id": whole, "text": "\n".join(sentences), "part": "whole", **about}
            for part, half in zip("ab", halves, strict=True):
                yield {"id": f"{whole}/{part}", "text": "\n".join(half), "part": part, **about}


def combinations(kinds: Sequence[str]) -> list[Combination]:
    """Three for each run, no kind twice in a run."""
    found = []
    for run in range(N_RUNS):
        drawn = random.Random(run).sample(kinds, 2 * N_COMBINATIONS)
        pairs = zip(drawn[::2], drawn[1::2], strict=True)
        found += [Combination(run, pair) for pair in pairs]
    return found


def read(family: str) -> Store:
    """The background and all texts; read once with the built-in dictionary and kept."""
    every = [*background_of(family), *texts_of(family)]
    return cs.extract(read_corpus(every), into=folder_of(family), progress=True)


def kinds_in(store: Store) -> tuple[npt.NDArray[np.object_], dict[str, list[str]]]:
    """The kind of each half of a text, None for other texts, and the two of each combination."""
    names, parts = store.column("combination"), store.column("part")
    kinds_of = {name: name.split("/")[1].split("+") for name in names if name is not None}
    kind = [
        kinds_of[name]["ab".index(part)] if part in ("a", "b") else None
        for name, part in zip(names, parts, strict=True)
    ]
    return np.array(kind, dtype=object), kinds_of


def odd_combinations(store: Store) -> set[str]:
    """Those of two kinds whose texts have less to do with each other than the median pair's."""
    vectors = np.concatenate(list(store.vector_batches())).astype(np.float32)
    kind, kinds_of = kinds_in(store)
    kinds = sorted({name for name in kind if name is not None})
    means = np.stack([vectors[kind == name].mean(axis=0) for name in kinds])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    alike = {
        frozenset((kinds[i], kinds[j])): float(means[i] @ means[j])
        for i, j in itertools.combinations(range(len(kinds)), 2)
    }
    middle = np.median(list(alike.values()))
    return {name for name, pair in kinds_of.items() if alike[frozenset(pair)] < middle}


def well_seen_combinations(store: Store) -> set[str]:
    """Those of two kinds of which one rare feature each is in most of the texts put together."""
    has = store.presence() != 0
    kind, kinds_of = kinds_in(store)
    rates = np.asarray(
        has[np.flatnonzero(np.equal(store.column("combination"), None))].mean(axis=0)
    )
    well = {
        name
        for name in {name for name in kind if name is not None}
        if np.where(rates <= RARE, has[np.flatnonzero(kind == name)].mean(axis=0), 0).max() >= WELL
    }
    return {name for name, pair in kinds_of.items() if well.issuperset(pair)}


class Judge:
    """Which combination a finding tells."""

    def __init__(self, store: Store) -> None:
        self._presence = store.presence().tocsc()
        self.combination = store.column("combination")
        self.part = store.column("part")

    def tells(self, one: cs.PairFinding, name: str, among: npt.NDArray[np.bool_]) -> bool:
        """Whether it is of these texts and of both kinds."""
        first, second = (self.has(int(feature)) for feature in (one.feature_a, one.feature_b))
        is_own = self.combination == name
        both = first & second & among
        if (both & is_own).sum() < max(both.sum() / 2, 1):
            return False
        a, b = (is_own & (self.part == part) for part in "ab")
        more = [int(has[a].sum()) - int(has[b].sum()) for has in (first, second)]
        return bool(more[0] * more[1] < 0)

    def has(self, feature: int) -> npt.NDArray[np.bool_]:
        """In which documents a feature is."""
        found = np.zeros(self._presence.shape[0], dtype=bool)
        start, end = self._presence.indptr[feature : feature + 2]
        found[self._presence.indices[start:end]] = True
        return found


def run(
    store: Store, judge: Judge, number: int, n_background: int
) -> tuple[dict[str, int | None], int]:
    """The rank of the first finding that tells each combination, and how many findings."""
    generator = np.random.default_rng([number, n_background])
    background = np.flatnonzero(np.equal(judge.combination, None))
    names = [n for n in dict.fromkeys(judge.combination) if n and n.startswith(f"{number}/")]
    among = np.isin(judge.combination.astype(str), names) & (judge.part == "whole")
    among[generator.permutation(background)[:n_background]] = True
    found = cs.correlate(
        store,
        among=among,
        settings=cs.CorrelateSettings(
            min_support=MIN_SUPPORT, rename=False, evidence=0, max_findings=None
        ),
    )
    first = [one for one in found.findings if one.unexpected][:FIRST]
    ranks = {
        name: next((at for at, one in enumerate(first, 1) if judge.tells(one, name, among)), None)
        for name in names
    }
    return ranks, len(found)


def shuffled_reports(store: Store, judge: Judge) -> int:
    """In how many random pairings of two views anything is reported."""
    places = np.flatnonzero(np.equal(judge.combination, None))[:1000]
    source = NamedStore(store)
    left = view_of(source, places, cs.CorrelateSettings(min_support=MIN_SUPPORT))
    orders = (np.random.default_rng(seed).permutation(len(places)) for seed in range(N_SHUFFLED))
    return sum(reports(left, order) for order in orders)


def reports(
    left: View, order: npt.NDArray[np.int64], parts: npt.NDArray[np.int64] | None = None
) -> bool:
    """Whether anything is reported of a view and of itself in another order, within parts."""
    right = replace(left, rows=left.rows[order], presence=left.presence[order])
    lengths = [length_quantiles(view.n_tokens) for view in (left, right)]
    divisions = [10 * lengths[0] + lengths[1]]
    found = find_pairs(
        left, right, divisions=divisions if parts is None else [*divisions, parts], clusters=None,
        is_held=np.arange(len(order)) % 2 == 0, min_npmi=0.3, q=0.05,
        similarity=Similarity(left, right),
        settings=cs.CorrelateSettings(min_support=MIN_SUPPORT),
    )  # fmt: skip
    return bool((found.q <= 0.05).any())


def main(family: str, *, only_small: bool) -> None:
    """Record how often combinations are found, and what random pairings report."""
    store = read(family)
    judge = Judge(store)
    apart = odd_combinations(store), well_seen_combinations(store)
    body = []
    for n_background in BACKGROUND[family][: 1 if only_small else None]:
        ranks: dict[str, int | None] = {}
        sizes = []
        for number in range(N_RUNS):
            own, size = run(store, judge, number, n_background)
            ranks |= own
            sizes.append(size)
            print(n_background, number, own, size, flush=True)
        hits = {name: rank for name, rank in ranks.items() if rank is not None}
        middle = f"{np.median(list(hits.values())):.0f}" if hits else "-"
        shares = [
            f"{len(some & hits.keys()) / len(some):.0%} of {len(some)}" if some else "-"
            for some in (ranks.keys(), *apart)
        ]
        body.append([f"{n_background:,}", *shares, middle, f"{np.median(sizes):.0f}"])
    n_reporting = shuffled_reports(store, judge)
    record(
        f"Odd combinations ({family} kinds)",
        [
            f"{N_RUNS} runs of {N_COMBINATIONS} combinations, {N_TEXTS} texts each. Found: among "
            f"the first {FIRST} unexpected findings. Random pairings of 1,000 texts with "
            f"themselves: {n_reporting} of {N_SHUFFLED} report anything (before the held-out half "
            "is looked at).",
            "",
            *table(HEADER, body),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=["development", "report"])
    parser.add_argument("--only-small", action="store_true")
    asked = parser.parse_args()
    main(asked.family, only_small=asked.only_small)

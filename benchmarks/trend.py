"""What rises along ordered groups of real texts: `python -m benchmarks.trend [PIECE ...]`.

A family of models in the order of release, on the same 805 prompts; findings of half of the
prompts seen again on the other half; sentences of one kind planted into rising shares of ordered
groups of real answers; order shuffled; and answers that were cut shorter and shorter.

How `trend` tells its findings was chosen on another family (claude-2.1, claude-3-opus,
claude-3-5-sonnet), its tests in simulations. One choice was made with this family in view: at
equal lengths within keys the slope was first a regression of each key's slope on that of its
lengths, which lost bold text and lists; the one that took its place was judged by simulated null
worlds. Of the kinds that are planted the dictionary was chosen on the development ones; nothing
in `trend` was chosen on either.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.kinds import DEVELOPMENT, REPORT, rows
from benchmarks.planted import world_store
from benchmarks.real_job import answers_of, presence_of, with_parts
from benchmarks.results import CACHE, RESULTS, record, table
from corpuscope.corpus.read import read_corpus
from corpuscope.statistics.slopes.trends import trend_p, trend_z
from corpuscope.store.store import Store

FAMILY = ("text_davinci_003", "gpt4_0613", "gpt4_1106_preview", "gpt-4o-2024-05-13")
MIN_SUPPORT = 10
SHOWN = 50

N_IN_A_GROUP, N_WORLDS = 1000, 2
WAYS = {
    "drift to 10 %": (0, 0.025, 0.05, 0.075, 0.1),
    "jump to 10 %": (0, 0, 0, 0.1, 0.1),
    "drift to 5 %": (0, 0.0125, 0.025, 0.0375, 0.05),
}
FIRST = 5

N_CUT = 400
PARTS = {"three quarters": 0.75, "half": 0.5, "a quarter": 0.25}


def family(store: Store) -> None:
    """The findings, with their figures; the texts stay in the data."""
    found = cs.trend(store, by="model", order=FAMILY, pair="prompt")
    raw = cs.trend(
        store,
        by="model",
        order=FAMILY,
        pair="prompt",
        adjust=False,
        settings=cs.TrendSettings(rename=False),
    )
    figure = RESULTS.parents[1] / "docs" / "pictures" / "trend.png"
    found.plot().savefig(figure, dpi=110, bbox_inches="tight")
    header = ["", "kind", "feature", "with it", "rates", "a step", "at equal length",
              "most of it at", "turns", "q"]  # fmt: skip
    body = [
        [
            number,
            one.kind,
            one.label,
            ", ".join(member.label for member in one.members[:3]),
            " ".join(f"{100 * rate:.0f}" for rate in one.rates.values()),
            f"{100 * one.slope:+.1f} ({100 * one.interval[0]:+.1f} to "
            f"{100 * one.interval[1]:+.1f})",
            f"{100 * one.adjusted_slope:+.1f}",
            f"{one.largest_step.end} ({one.largest_share:.0%})",
            "yes" if one.turns else "",
            f"{one.q_value:.1g}",
        ]
        for number, one in enumerate(found.findings[:25], 1)
    ]
    record(
        "Trend: a family of models in order of release, the same prompts",
        [
            f"{', '.join(FAMILY)}: {found.n_documents:,} answers, {found.n_tested:,} features "
            f"tested, {_n_all(found)} findings in all, {_n_all(raw)} where lengths are not looked "
            "at (the first 25 here). Rates in per cent for each model; change of the rate a step "
            "with its 95 % interval, and at equal lengths, in points.",
            "",
            *table(header, body),
        ],
    )


def _n_all(found: cs.TrendResult) -> int:
    return sum(one.q_value <= found.q and one.replicated for one in found.candidates)


def replication(store: Store, *, n_splits: int = 6) -> None:
    """What is found on half of the prompts, tested on the other half, which had no say."""
    prompts, models = store.column("prompt").astype(str), store.column("model")
    hits: list[list[tuple[bool, bool]]] = []
    for seed in range(n_splits):
        names = np.random.default_rng(seed).permutation(np.unique(prompts))
        is_asked = np.isin(prompts, names[: len(names) // 2])
        found = cs.trend(
            store, by=np.where(is_asked, models, None), order=FAMILY, pair="prompt",
            settings=cs.TrendSettings(max_findings=None, min_support=MIN_SUPPORT, rename=False),
        )  # fmt: skip
        rest = np.flatnonzero(~is_asked)
        places = np.array([FAMILY.index(model) for model in models[rest]])
        keys = np.unique(prompts[rest], return_inverse=True)[1]
        outcomes = []
        for finding, has in zip(found.findings, presence_of(store, found.findings), strict=True):
            z = trend_z(has[rest], places, strata=keys)[0]
            p = trend_p(has[rest], places, strata=keys)[0]
            same = bool(np.sign(z) == np.sign(finding.slope))
            outcomes.append((same, same and bool(p < 0.05)))
        hits.append(outcomes)
    lists = {"the list as it is shown": [one[:SHOWN] for one in hits], "all findings": hits}
    body = [
        [name, n_splits, sum(map(len, own)),
         *(f"{share:.1%}" for share in np.mean([hit for one in own for hit in one], axis=0))]
        for name, own in lists.items()
    ]  # fmt: skip
    record(
        "Trend: findings of half the prompts on the other half",
        table(["", "splits", "findings", "same sign", "same sign and p < .05, two-sided"], body),
    )


@dataclass(frozen=True)
class World:
    """For each group its rows, and for each planted row the row of the same text without."""

    groups: tuple[npt.NDArray[np.int64], ...]
    clean_of: dict[int, int]


def planted(family: str, dictionary: str = "builtin") -> None:
    """How often a kind of sentence that enters rising shares is among the first findings."""
    store = world_store(family, REPORT if family == "report" else DEVELOPMENT, dictionary)
    kinds = store.column("kind")
    hits: dict[tuple[str, str], list[bool]] = {}
    for kind in dict.fromkeys(name for name in kinds if name is not None):
        for way, shares in WAYS.items():
            for seed in range(N_WORLDS):
                world = _world(store, kind, shares, seed)
                hits.setdefault((kind, way), []).append(_is_found(store, world))
    rows = [[kind, *(f"{np.mean(hits[kind, way]):.2g}" for way in WAYS)]
            for kind in dict.fromkeys(kind for kind, _ in hits)]  # fmt: skip
    all_kinds = [f"{np.mean([np.mean(own) for (_, w), own in hits.items() if w == way]):.0%}"
                 for way in WAYS]  # fmt: skip
    record(
        f"Trend: planted sentences ({family} kinds)",
        [
            f"Five groups of {N_IN_A_GROUP:,} real answers, of which rising shares get a sentence "
            f"of the kind. {N_WORLDS} worlds a kind and way, groups drawn anew. Share of worlds "
            f"in which one of the first {FIRST} findings owes at least half of its slope to the "
            "plants.",
            "",
            *table(["", *WAYS], [["all", *all_kinds], *rows]),
        ],
    )


def _world(store: Store, kind: str, shares: Sequence[float], seed: int) -> World:
    """Answers drawn into groups; a planted one stands where its share says so."""
    generator = np.random.default_rng([seed, len(kind)])
    kinds, ids = store.column("kind"), store.ids
    bare = np.flatnonzero(kinds == None)  # noqa: E711
    planted_row = {int(ids[row].split("/")[-1]): int(row) for row in np.flatnonzero(kinds == kind)}
    plants = generator.permutation(list(planted_row))
    others = generator.permutation(np.setdiff1d(np.arange(len(bare)), plants))
    sizes = [round(share * N_IN_A_GROUP) for share in shares]
    groups, clean_of, used = [], {}, 0
    clean = np.concatenate([others, plants[sum(sizes) :]])
    for size in sizes:
        chosen, plants = plants[:size], plants[size:]
        clean_of |= {planted_row[number]: int(bare[number]) for number in chosen}
        rest = clean[used : used + N_IN_A_GROUP - size]
        used += len(rest)
        groups.append(np.array([*(planted_row[number] for number in chosen), *bare[rest]]))
    return World(tuple(groups), clean_of)


def _is_found(store: Store, world: World) -> bool:
    values = np.full(store.n_documents, None, dtype=object)
    for place, members in enumerate(world.groups):
        values[members] = place
    found = cs.trend(
        store, by=values, settings=cs.TrendSettings(min_support=MIN_SUPPORT, rename=False)
    )
    first = found.findings[:FIRST]
    return any(
        _owed(finding, has.toarray()[:, 0] != 0, world) >= 0.5
        for finding, has in zip(first, presence_of(store, first), strict=True)
    )


def _owed(finding: cs.TrendFinding, has: npt.NDArray[np.bool_], world: World) -> float:
    """The share of the finding's slope that is not there without the plants."""
    if finding.slope <= 0:
        return 0.0
    clean = [np.array([world.clean_of.get(int(row), row) for row in rows])
             for rows in world.groups]  # fmt: skip
    places = np.arange(len(world.groups)) - (len(world.groups) - 1) / 2
    with_plants, without = (
        float(sum(place * has[rows].mean() for place, rows in zip(places, groups, strict=True)))
        for groups in (world.groups, clean)
    )
    return 1 - without / with_plants


def shuffled(store: Store, *, n_seeds: int = 50) -> None:
    """The family with its order shuffled: whatever is reported is false."""
    body = [
        [name, n_seeds, sum(n > 0 for n in own), sum(own)]
        for name, pair in (("paired by prompt", "prompt"), ("not paired", None))
        for own in [[_n_shuffled(store, pair, seed) for seed in range(n_seeds)]]
    ]
    record(
        "Trend: shuffled order",
        [
            "Models shuffled anew for each prompt (paired), or over all answers (not paired).",
            "",
            *table(["", "runs", "runs that report anything", "findings in all"], body),
        ],
    )


def _n_shuffled(store: Store, pair: str | None, seed: int) -> int:
    generator = np.random.default_rng(seed)
    models, prompts = store.column("model"), store.column("prompt").astype(str)
    keys = generator.random(store.n_documents)
    within = prompts if pair else np.zeros(store.n_documents, dtype=int)
    values = np.empty(store.n_documents, dtype=object)
    # In the order of the prompts the models as they are, and in a random order within each.
    values[np.lexsort((keys, within))] = models[np.argsort(within, kind="stable")]
    found = cs.trend(
        store,
        by=values,
        order=FAMILY,
        pair=pair,
        settings=cs.TrendSettings(min_support=MIN_SUPPORT, seed=seed, rename=False),
    )
    return len(found)


def cut_shorter() -> None:
    """Whole answers, and their first parts: what falls is length."""
    whole = [row for row in rows("alpaca_eval/responses.jsonl.gz")
             if row["model"] == FAMILY[-1] and row["response"].strip()][:N_CUT]  # fmt: skip
    parts = list(with_parts(whole, PARTS))
    store = cs.extract(read_corpus(parts), into=CACHE / "trend-cut.scope", progress=True)
    record(
        "Trend: texts cut shorter and shorter",
        [
            f"{store.n_documents // (1 + len(PARTS))} answers, whole and cut at the ends of "
            "sentences. Whole ones end as answers do, the others do not; that, and what stands "
            "late in a text, is a difference that lengths do not explain: so the last "
            "two lines are without the whole ones.",
            "",
            *table(["", "raw findings", "adjusted findings", "the first adjusted ones"],
                   [row for order in (("whole", *PARTS), tuple(PARTS))
                    for row in _cut_rows(store, order)]),
        ],
    )  # fmt: skip


def _cut_rows(store: Store, order: Sequence[str]) -> Iterator[list[object]]:
    for name, pair in (("paired", "of"), ("not paired", None)):
        raw, adjusted = (
            cs.trend(
                store,
                by="part",
                order=order,
                pair=pair,
                adjust=adjust,
                settings=cs.TrendSettings(max_findings=None, min_support=MIN_SUPPORT, rename=False),
            )
            for adjust in (False, True)
        )
        labels = "; ".join(
            f"{one.label} ({100 * one.adjusted_slope:+.1f})" for one in adjusted.findings[:10]
        )
        yield [f"{', '.join(order)}; {name}", len(raw), len(adjusted), labels]


PIECES: dict[str, Callable[[], None]] = {
    "family": lambda: family(answers_of(*FAMILY)),
    "again": lambda: replication(answers_of(*FAMILY)),
    "cut": cut_shorter,
    "shuffled": lambda: shuffled(answers_of(*FAMILY)),
    "planted": lambda: planted(asked.kinds, asked.dictionary),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "pieces", nargs="*", help=f"of {', '.join(PIECES)}; all where none is named"
    )
    parser.add_argument("--kinds", choices=["report", "development"], default="report")
    parser.add_argument("--dictionary", default="builtin", help="what reads the planted sentences")
    asked = parser.parse_args()
    for piece in asked.pieces or PIECES:
        PIECES[piece]()

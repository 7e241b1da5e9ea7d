"""Two models' answers to 805 prompts: `python -m benchmarks.real_job`.

The real job, and the worlds made from it that have a known answer: findings seen again on
prompts that had no say, random halves of one model's answers, and texts against their own
first halves.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from unittest import mock

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, RESULTS, record, table
from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.statistics.rates.counts import paired_counts
from corpuscope.statistics.rates.lengths import length_strata
from corpuscope.statistics.rates.rate_tests import mcnemar_p, mcnemar_z
from corpuscope.store.lexical import lexical_presence
from corpuscope.store.store import Store

TARGET, REFERENCE = "claude-3-5-sonnet-20240620", "gpt-4o-2024-05-13"
MIN_SUPPORT = 10
SHOWN = 50
_BY = "model"


def answers_of(*models: str) -> Store:
    """A store of these models' answers; read once and kept."""
    found = [
        {"id": row["id"], "text": row["response"], _BY: row["model"], "prompt": row["prompt_id"]}
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["model"] in models
    ]
    name = "answers-" + "-".join(models)
    return cs.extract(read_corpus(found), into=CACHE / f"{name}.scope", progress=True)


def real_job(store: Store) -> None:
    """The findings, with their figures; the texts stay in the data."""
    found = cs.diff(store, by=_BY, target=TARGET, reference=REFERENCE, pair="prompt")
    figure = RESULTS.parents[1] / "docs" / "pictures" / "real-job.png"
    figure.parent.mkdir(exist_ok=True)
    found.plot(n=20).figure.savefig(figure, dpi=130, bbox_inches="tight")
    lines = [
        f"{TARGET} against {REFERENCE}, {found.n_documents // 2} prompts, {found.n_tested:,} "
        f"features tested, {len(found)} findings (the first 25 here). Rates, difference with its "
        "95 % interval, and the difference at equal lengths, in points.",
        "",
    ]
    header = [
        "",
        "kind",
        "feature",
        "with it",
        "target",
        "other",
        "difference",
        "at equal length",
        "q",
    ]
    body = [
        [
            number,
            one.kind,
            one.label,
            ", ".join(member.label for member in one.members[:3]),
            f"{100 * one.rate_target:.0f}",
            f"{100 * one.rate_reference:.0f}",
            "{:+.0f} ({:+.0f} to {:+.0f})".format(
                *(100 * value for value in (one.difference, *one.interval))
            ),
            f"{100 * one.adjusted_difference:+.0f}",
            f"{one.q_value:.1g}",
        ]
        for number, one in enumerate(found.findings[:25], 1)
    ]
    record("Real job: two models, the same prompts", [*lines, *table(header, body)])


def replication(store: Store, *, n_splits: int = 20) -> None:
    """What is found on half of the prompts, tested on the other half, which had no say.

    For the list that a user sees, which ends at 50 findings, and for all findings.
    """
    prompts, models = store.column("prompt"), store.column(_BY)
    hits: dict[str, list[tuple[bool, bool]]] = {"the list as it is shown": [], "all findings": []}
    for seed in range(n_splits):
        names = np.random.default_rng(seed).permutation(np.unique(prompts.astype(str)))
        asked = np.isin(prompts.astype(str), names[: len(names) // 2])
        by = np.where(asked, models, None)
        found = cs.diff(
            store,
            by=by,
            target=TARGET,
            reference=REFERENCE,
            pair="prompt",
            settings=cs.ComparisonSettings(
                max_findings=None, min_support=MIN_SUPPORT, rename=False
            ),
        )
        rest = [_rows_by_prompt(models, prompts, model, ~asked) for model in (TARGET, REFERENCE)]
        outcomes = []
        for finding, has in zip(found.findings, presence_of(store, found.findings), strict=True):
            counts = paired_counts(has[rest[0]], has[rest[1]])
            z = mcnemar_z(counts.only_target, counts.only_reference)[0]
            p = mcnemar_p(counts.only_target, counts.only_reference)[0]
            same = bool(np.sign(z) == np.sign(finding.difference))
            outcomes.append((same, same and bool(p < 0.05)))
        hits["the list as it is shown"] += outcomes[:SHOWN]
        hits["all findings"] += outcomes
    body = [
        [name, n_splits, len(own), *(f"{share:.1%}" for share in np.mean(own, axis=0))]
        for name, own in hits.items()
    ]
    record(
        "Re-test: findings of half the prompts on the other half",
        table(["", "splits", "findings", "same sign", "same sign and p < .05, two-sided"], body),
    )


def null_world(store: Store, *, n_seeds: int = 100) -> None:
    """Random halves of one model's answers: whatever is reported is false."""
    is_one = store.column(_BY) == TARGET
    reported = [_n_reported(store, is_one, seed) for seed in range(n_seeds)]
    record(
        "Null world: random halves of one model's answers",
        table(
            ["runs", "runs that report anything", "findings in all"],
            [[n_seeds, sum(n > 0 for n in reported), sum(reported)]],
        ),
    )


def _n_reported(store: Store, is_one: npt.NDArray[np.bool_], seed: int) -> int:
    groups = np.full(store.n_documents, None, dtype=object)
    order = np.random.default_rng(seed).permutation(np.flatnonzero(is_one))
    groups[order[: len(order) // 2]], groups[order[len(order) // 2 :]] = "a", "b"
    return len(
        cs.diff(
            store,
            by=groups,
            target="a",
            settings=cs.ComparisonSettings(min_support=MIN_SUPPORT, seed=seed),
        )
    )


def truncation_world() -> None:
    """Answers against their own first halves: what differs is length, and where texts were cut.

    First halves against first quarters: neither side has an end. And answers against a random
    half of their sentences, in order: ends are on both sides, and beginnings.
    """
    whole = [
        row for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["model"] in (TARGET, REFERENCE) and row["response"].strip()
    ]  # fmt: skip
    every = list(with_parts(whole, {"half": 0.5, "quarter": 0.25}))
    store = cs.extract(read_corpus(every), into=CACHE / "truncation.scope", progress=True)
    thinned = list(with_random_halves(whole))
    thin = cs.extract(read_corpus(thinned), into=CACHE / "thinned.scope", progress=True)
    body = []
    for asked, target, reference in (
        (store, "whole", "half"), (store, "half", "quarter"), (thin, "whole", "random half")
    ):  # fmt: skip
        for pair in (None, "of"):
            raw, adjusted = (
                cs.diff(
                    asked, by="part", target=target, reference=reference, pair=pair,
                    adjust=adjust, settings=cs.ComparisonSettings(max_findings=None, rename=adjust),
                )
                for adjust in (False, True)
            )  # fmt: skip
            labels = "; ".join(
                f"{one.label} ({100 * one.adjusted_difference:+.0f})"
                for one in adjusted.findings[:15]
            )
            body.append([
                f"{target} against {reference}, {'paired' if pair else 'unpaired'}",
                len(raw), len(adjusted), f"{len(raw) / max(len(adjusted), 1):.0f}",
                f"{_share_late(raw):.0%} / {_share_late(adjusted):.0%}", _wider(adjusted), labels,
            ])  # fmt: skip
    header = ["", "raw findings", "adjusted findings", "times fewer", "late: raw / adjusted",
              "wider", "the adjusted ones"]  # fmt: skip
    told = (
        "Late: the share of the first 200 findings' evidence (up to five of the longer texts for "
        "each finding that they have more often) that lies in the second half of the text. "
        "Wider: how many times as wide the intervals at equal lengths are (median of candidates)."
    )
    every_width = [
        f"{len(_with_strata(store, ratio))} with a ratio of {ratio}" for ratio in (1.02, 1.05, 1.2)
    ]
    job = cs.diff(answers_of(TARGET, REFERENCE), by=_BY, target=TARGET, reference=REFERENCE,
                  pair="prompt", settings=cs.ComparisonSettings(rename=False))  # fmt: skip
    told += (
        f" Strata of length by themselves change little: whole against half, unpaired, leaves "
        f"{', '.join(every_width)} in a stratum. In the real job, paired, intervals are "
        f"{_wider(job)} times as wide."
    )
    record("Truncation world: texts against their first halves", [told, "", *table(header, body)])


def _with_strata(store: Store, ratio: float) -> cs.DiffResult:
    """Whole against half where lengths in a stratum differ by so much at most."""
    strata = partial(length_strata, ratio=ratio)
    with mock.patch("corpuscope.analyses.comparison.effects.length_strata", strata):
        return cs.diff(
            store,
            by="part",
            target="whole",
            reference="half",
            settings=cs.ComparisonSettings(max_findings=None, rename=False),
        )


def _wider(found: cs.DiffResult) -> str:
    widths = [
        np.diff(one.adjusted_interval)[0] / np.diff(one.interval)[0] for one in found.candidates
    ]
    return f"{np.median(widths):.1f}" if widths else "-"


def _share_late(found: cs.DiffResult) -> float:
    """How much of the evidence of what the target has more lies in the second half of a text."""
    late = [
        sum(entry.spans[0]) / 2 > len(entry.text) / 2
        for i, finding in enumerate(found.findings[:200])
        if finding.difference > 0
        for entry in found.evidence(i)
        if entry.side == "target"
    ]
    return float(np.mean(late)) if late else float("nan")


def with_parts(
    whole: Sequence[dict[str, str]], shares: Mapping[str, float]
) -> Iterator[dict[str, str]]:
    """Each text and its first shares, cut at ends of sentences; none without such ends."""
    for row in whole:
        text = row["response"]
        ends = [end for _, end in split_sentences(text)]
        cuts = [
            min(ends, key=lambda end: abs(end - share * len(text))) for share in shares.values()
        ]
        places = [len(text.rstrip()), *cuts]
        if all(later < before for before, later in pairwise(places)):
            for part, end in zip(("whole", *shares), (len(text), *cuts), strict=True):
                yield {"id": f"{row['id']}/{part}", "text": text[:end], "part": part,
                       "of": row["id"]}  # fmt: skip


def with_random_halves(whole: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Each text of four sentences or more, and half of its sentences in their order."""
    generator = np.random.default_rng(0)
    for row in whole:
        text = row["response"]
        ends = [0, *(end for _, end in split_sentences(text))]
        if len(ends) > 4:
            kept = np.sort(generator.permutation(len(ends) - 1)[: (len(ends) - 1) // 2]).tolist()
            half = "".join(text[ends[at] : ends[at + 1]] for at in kept).strip()
            for part, words in (("whole", text), ("random half", half)):
                yield {"id": f"{row['id']}/{part}", "text": words, "part": part, "of": row["id"]}


def presence_of(
    store: Store, findings: Sequence[cs.Finding | cs.TrendFinding]
) -> list[sp.csr_array]:
    """In which documents the feature of each finding is present: one column each."""
    lexical = lexical_presence(store, min_documents=MIN_SUPPORT)
    place = {name: column for column, name in enumerate(lexical.names)}
    features, words = store.presence().tocsc(), lexical.presence.tocsc()
    return [
        (words[:, [place[one.feature]]] if isinstance(one.feature, str)
         else features[:, [one.feature]]).tocsr()
        for one in findings
    ]  # fmt: skip


def _rows_by_prompt(
    models: npt.NDArray[np.object_],
    prompts: npt.NDArray[np.object_],
    model: str,
    among: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """The rows of a model's answers, ordered by prompt; prompts that both models answered."""
    both = set(prompts[(models == TARGET) & among]) & set(prompts[(models == REFERENCE) & among])
    mine = [row for row in np.flatnonzero((models == model) & among) if prompts[row] in both]
    return np.array(sorted(mine, key=lambda row: str(prompts[row])))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-truncation", action="store_true")
    if not parser.parse_args().only_truncation:
        the_store = answers_of(TARGET, REFERENCE)
        real_job(the_store)
        replication(the_store)
        null_world(the_store)
    truncation_world()

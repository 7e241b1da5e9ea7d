"""Can harmful intent be told, and does it hold on unseen prompts: `python -m benchmarks.probe`.

With `--seeds` only what changes with the documents that are held out and the folds: five seeds.
With `--dictionary FOLDER --name "..."` another dictionary and its reader, a chat model: prompts are
then messages of a user, within its template, and the last token is that of the prompt.

Probes learn from three harmful collections against harmless instructions, formats evened out, and
from wrapped forms of both (`benchmarks/harmful_prompts.py`). Nothing was chosen on the unseen
corpora, nor on the test documents: settings are those of the package, which were chosen on the
polarity of film reviews (`benchmarks/probe_speed.py` has the same store).
"""

import argparse
from collections.abc import Callable, Sequence

import numpy as np

import corpuscope as cs
from benchmarks.harmful_prompts import UNSEEN, learned_rows, store_of
from benchmarks.results import RESULTS, record, table

SEEDS = range(5)


def asked(*, seed: int = 0, dictionary: str = "builtin") -> cs.ProbeResult:
    """All probes on all corpora."""
    return cs.probe(
        store_of("learned", learned_rows(), dictionary), label="label", target="harmful",
        group="base", dictionary=dictionary, progress=True, settings=cs.ProbeSettings(seed=seed),
        unseen={name: store_of(name, made(), dictionary) for name, made in UNSEEN.items()},
    )  # fmt: skip


def figures(found: cs.ProbeResult) -> list[str]:
    """Every probe on every corpus: the AUROC, or the share above the threshold."""
    corpora = [one.corpus for one in found.every[0].evaluations]
    rows = [
        [one.name, one.n_features, f"{one.validation:.3f}",
         *(_cell(one.on(corpus)) for corpus in corpora)]
        for one in found.every
    ]  # fmt: skip
    return table(["probe", "size", "validation", *corpora], rows)


def _cell(one: object) -> str:
    evaluation = one
    if evaluation.auroc == evaluation.auroc:  # type: ignore[attr-defined]
        low, high = evaluation.interval  # type: ignore[attr-defined]
        return f"{evaluation.auroc:.3f} ({low:.2f}..{high:.2f})"  # type: ignore[attr-defined]
    return f"{evaluation.share_above:.0%} above"  # type: ignore[attr-defined]


def drops(found: cs.ProbeResult) -> list[str]:
    """How far each probe drops from test, with intervals; and how many are told right."""
    corpora = [one.corpus for one in found.every[0].evaluations if one.role == "unseen"]
    every = [
        name for name in corpora if found.every[0].on(name).drop == found.every[0].on(name).drop
    ]
    rows = []
    for one in found.every:
        cells = [f"{100 * one.on('test').accuracy:.0f}"]
        for name in every:
            own = one.on(name)
            low, high = (100 * bound for bound in own.drop_interval)
            cells.append(f"{100 * own.drop:.1f} ({low:.1f}..{high:.1f}); {100 * own.accuracy:.0f}")
        rows.append([one.name, *cells])
    return table(["probe", "test", *every], rows)


def over_seeds(dictionary: str, name: str) -> None:
    """Record the mean and the range over seeds: of each probe, and of what the dictionary adds."""
    every = [asked(seed=seed, dictionary=dictionary) for seed in SEEDS]
    first = every[0].every
    corpora = [one.corpus for one in first[0].evaluations
               if one.auroc == one.auroc and one.role != "train"]  # fmt: skip

    def row(values: Callable[[str], Sequence[float]]) -> list[str]:
        return [f"{np.mean(own):.3f} ({min(own):.3f}..{max(own):.3f})"
                for own in map(values, corpora)]  # fmt: skip

    rows = [
        [one.name, *row(lambda corpus, name=one.name: [  # type: ignore[misc]
            found.named(name).on(corpus).auroc for found in every])]
        for one in first
    ]  # fmt: skip
    gains = [{one.corpus: one for one in found.best} for found in every]
    added = ["gain by the dictionary", *row(lambda corpus: [own[corpus].gain for own in gains])]
    chosen = "; ".join(
        f"{own['test'].with_sae} instead of {own['test'].without_sae}" for own in gains
    )
    record(
        f"Probe: harmful intent{name}, {len(SEEDS)} seeds",
        [
            f"AUROC, mean and range over {len(SEEDS)} seeds, which choose the documents held out "
            "and the folds. Last line: what is gained by one who may also choose a probe with the "
            f"dictionary, by validation. Chosen: {chosen}.",
            "",
            *table(["probe", *corpora], [*rows, added]),
        ],
    )


def main(dictionary: str, name: str) -> None:
    """Record one seed with intervals."""
    found = asked(dictionary=dictionary)
    if dictionary == "builtin":
        figure = RESULTS.parents[1] / "docs" / "pictures" / "probe.png"
        found.plot().figure.savefig(figure, dpi=110, bbox_inches="tight")
    sizes = ", ".join(f"{one.corpus} {one.n:,}" for one in found.every[0].evaluations)
    best = [
        [one.corpus, one.with_sae, one.without_sae, f"{100 * one.gain:+.1f}",
         f"{100 * one.interval[0]:+.1f} to {100 * one.interval[1]:+.1f}"]
        for one in found.best
        if one.gain == one.gain
    ]  # fmt: skip
    record(
        f"Probe: harmful intent{name}, seen and unseen",
        [
            f"Prompts: {sizes}. AUROC with 95 % intervals; of a corpus "
            "of one class the share above the threshold of training: of do_not_answer many should "
            "be, of cyberseceval_frr none.",
            "",
            *figures(found),
            "",
            "Drop of the AUROC from test in points, and the share told right at the threshold of "
            "training in per cent:",
            "",
            *drops(found),
            "",
            "The best probe by validation, of all and of those without SAE; gain in points:",
            "",
            *table(["corpus", "with SAE", "without", "gain", "95 %"], best),
            "",
            *(f"- {remark}" for remark in found.warnings),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", action="store_true")
    parser.add_argument("--dictionary", default="builtin", help="a folder, of another reader")
    parser.add_argument("--name", default="", help="of the dictionary, in the record")
    given = parser.parse_args()
    of = f" ({given.name})" if given.name else ""
    (over_seeds if given.seeds else main)(given.dictionary, of)

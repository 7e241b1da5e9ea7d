"""Claims with features beside claims without: `python -m benchmarks.claims_baselines FOLDER`.

Two models' answers, as in `benchmarks.claims_real`, whose claims come from features (FOLDER has its
answers, too). The baselines read 100 of the pairs that were not set aside; the claims of all are
read by the same judge in 100 of the pairs set aside, in both orders, without planted texts.
"""

import sys
from pathlib import Path

import numpy as np

import corpuscope as cs
from benchmarks.claims_real import _TARGET, answers
from benchmarks.results import record, table
from corpuscope.analyses.comparison.covariates import covariates_of
from corpuscope.analyses.comparison.setup import counting
from corpuscope.analyses.comparison.two_groups import groups_of
from corpuscope.claiming.judging.verify import Texts, verify
from corpuscope.claiming.set_aside import set_aside, units_of
from corpuscope.claiming.statement import Statement
from corpuscope.claiming.stating.state import drawn_sides
from corpuscope.claiming.without_features import clustered, contrasted, listed, summed_up
from corpuscope.errors import AnswersMissing
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM

_N_LISTED, _N_READ = 100, 100


def with_features(store: cs.Store, folder: Path) -> tuple[list[Statement], int]:
    """The claims of `benchmarks.claims_real` as statements, and the tokens that stating took."""
    llm = LLM(BatchFolder(folder))
    found = cs.claims(
        store, by="model", target=_TARGET, pair="prompt_id", llm=llm,
        settings=cs.ClaimSettings(per_call=10, prompt="prompt"),
    )  # fmt: skip
    spent = [llm.receipt().by_purpose[name].usage for name in ("state", "merge")]
    statements = [
        Statement(one.sentence, one.negation, one.side, one.kind, True, (), ())
        for one in found.claims
    ]
    return statements, sum(one.n_in + one.n_out for one in spent)


def main(folder: Path) -> None:
    """Record what each way states, and what of it holds."""
    store = answers()
    source = NamedStore(store)
    groups = groups_of(
        source, by="model", target=_TARGET, reference=None, pair="prompt_id", group=None, strata=[]
    )
    groups, _ = counting(
        source, groups, by="model", pair="prompt_id", group=None, count_copies=False
    )
    aside = set_aside(source, groups, n=200, seed=0)
    assert aside is not None
    read = units_of(aside.groups, n=_N_READ, seed=0)
    shown = units_of(groups.among(aside.discovery), n=_N_LISTED, seed=0)
    pairs = [
        (one, other)
        for one, other in zip(
            source.texts(shown.target_rows.tolist()), source.texts(shown.reference_rows.tolist()),
            strict=True,
        )
    ]  # fmt: skip
    prompts = source.column("prompt")[shown.target_rows].tolist()
    stated: dict[str, tuple[list[Statement], int]] = {}
    llm = LLM(BatchFolder(folder))
    differences = listed(pairs, prompts, llm, seed=0)
    lists = llm.receipt().all.usage
    missing = None
    for name, way in (
        ("LLM-S", lambda llm: summed_up(differences, llm, drawn_sides(0), n=10)),
        ("LLM-C", lambda llm: clustered(differences, llm)),
        ("contrasts (Kempf et al.)", lambda llm: contrasted(differences, llm, n_pairs=len(pairs))),
    ):
        own = LLM(BatchFolder(folder))
        try:
            statements = way(own)
        except AnswersMissing as error:
            print(error)
            missing = error
            (folder / "requests-1.jsonl").rename(folder / f"wait-{name.split()[0]}.jsonl")
            continue
        used = own.receipt().all.usage
        n_tokens = lists.n_in + lists.n_out + used.n_in + used.n_out
        stated[name] = (statements, n_tokens)
    if missing is not None:
        return
    stated = {"features": with_features(store, folder), **stated}
    texts = Texts(source, read, read, covariates_of(source, []), True)
    settings = cs.ClaimSettings(per_call=10, prompt="prompt", n_planted=0, checks=False, n=_N_READ)
    rows, sentences = [], []
    for name, (statements, n_tokens) in stated.items():
        try:
            judge = LLM(BatchFolder(folder))
            found = verify(statements, [], texts, judge, settings=settings)
        except AnswersMissing as error:
            print(name, error)
            (folder / "requests-1.jsonl").rename(folder / f"wait-{name.split()[0]}.jsonl")
            missing = error
            continue
        n_holding = sum(one.is_borne_out for one in found.claims)
        values = [abs(one.difference) for one in found.claims if one.is_borne_out]
        used = judge.receipt().all.usage
        whole = n_tokens + used.n_in + used.n_out
        rows.append((
            name, len(statements), n_holding, f"{np.mean(values) if values else 0:.2f}",
            f"{found.coverage:.0%}", f"{n_tokens:,}", f"{1e6 * n_holding / whole:.1f}",
        ))  # fmt: skip
        sentences += [
            (name, one.outcome, f"{100 * one.difference:+.0f}", one.sentence)
            for one in found.claims
        ]
    if missing is not None:
        return
    header = (
        "way", "claims", "hold", "mean difference of these", "show in", "tokens to state",
        "holding claims a million tokens",
    )  # fmt: skip
    record("Claims with features and without", [
        f"{_N_LISTED} pairs listed by the ways without features; {_N_READ} pairs set aside were "
        f"read. Answered by {', '.join(judge.receipt().models)}.", "",
        *table(header, rows), "",
        *table(("way", "outcome", "judged", "claim"), sentences),
    ])  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""`corpuscope correlate`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import Also, AStore, Group, MaxFindings, Output, Q, Rename, Seed, Strata
from corpuscope.cli.render import correlate as render


def correlate(
    store: AStore,
    output: Output,
    llm: LLMOptions,
    other: Annotated[
        Path | None,
        typer.Argument(help="A second view of the same documents, such as answers to prompts."),
    ] = None,
    also: Also = None,
    by: Annotated[str | None, typer.Option(help="Column of groups: show the NPMI in each.")] = None,
    one_per: Annotated[
        str | None, typer.Option(help="Column: keep one document, drawn at random, per value.")
    ] = None,
    group: Group = None,
    strata: Strata = None,
    within: Annotated[
        list[str] | None,
        typer.Option(help="Column of large parts, such as sources, to control for; repeatable."),
    ] = None,
    parts: Annotated[
        bool, typer.Option(help="Control for parts found by clustering if no --within is given.")
    ] = True,
    words: Annotated[bool, typer.Option(help="Pair words and format marks too.")] = False,
    features: Annotated[bool, typer.Option(help="Pair the dictionary's features.")] = True,
    min_npmi: Annotated[float, typer.Option(help="Minimum NPMI, from 0 to below 1.")] = 0.3,
    min_support: Annotated[
        int, typer.Option(help="Minimum documents with both features; at least 5.")
    ] = 10,
    unexpected_below: Annotated[
        float,
        typer.Option(help="Unexpected: at most this share of random pairs is less similar."),
    ] = 0.8,
    q: Q = 0.05,
    max_findings: MaxFindings = 50,
    rename: Rename = True,
    repetitions: Annotated[
        int, typer.Option(min=1, help="With --llm: how often each guess is asked for.")
    ] = 1,
    seed: Seed = 0,
) -> None:
    """Which features co-occur that one would not expect to?"""
    import corpuscope as cs
    from corpuscope.llm.plan import Plan

    settings = cs.CorrelateSettings(
        parts=parts, words=words, features=features, min_support=min_support,
        unexpected_below=unexpected_below, evidence=output.n_kept(), max_findings=max_findings,
        rename=rename, seed=seed,
    )  # fmt: skip
    settings.check(q=q, min_npmi=min_npmi)
    early.check_stores(
        [store, *(also or [])],
        columns=[by, one_per, group, *(strata or []), *(within or [])] if other is None else [],
    )
    found = cs.correlate(
        [cs.open_store(path) for path in (store, *(also or ()))],
        None if other is None else cs.open_store(other),
        by=by, one_per=one_per, group=group, strata=strata or (), within=within or (),
        min_npmi=min_npmi, q=q, settings=settings,
    )  # fmt: skip
    asked = llm.open()
    if asked is not None:
        plan = Plan.of(found.judging_requests(repetitions=repetitions), asked)
        llm.before(plan, [store, *(also or []), *([] if other is None else [other])])
        found = found.judged(asked, repetitions=repetitions)
    output.deliver(found, render.show)

"""`corpuscope correlate`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import Also, AStore, Group, MaxFindings, Output, Q, Rename, Seed, Strata
from corpuscope.cli.render import correlate as render
from corpuscope.cli.terminal.text import note
from corpuscope.errors import InputError


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
    verify: Annotated[
        int,
        typer.Option(min=0, help="With --llm: verify this many findings by reading whole texts."),
    ] = 0,
    seed: Seed = 0,
) -> None:
    """Which features co-occur that one would not expect to?"""
    import corpuscope as cs
    from corpuscope.llm.plan import Plan
    from corpuscope.store.end_to_end import joined

    settings = cs.CorrelateSettings(
        parts=parts, words=words, features=features, min_support=min_support,
        unexpected_below=unexpected_below, evidence=output.n_kept(), max_findings=max_findings,
        rename=rename, seed=seed,
    )  # fmt: skip
    settings.check(q=q, min_npmi=min_npmi)
    asked = llm.open()
    if verify and asked is None:
        raise InputError(
            f"--verify {verify} without a language model",
            expected="--llm, --llm-batch or --llm-recorded",
            next_step="name who reads the texts",
        )
    early.check_stores(
        [store, *(also or [])],
        columns=[by, one_per, group, *(strata or []), *(within or [])] if other is None else [],
    )
    opened = [cs.open_store(path) for path in (store, *(also or ()))]
    beside = None if other is None else cs.open_store(other)
    for one in (joined(opened), *([] if beside is None else [beside])):
        if features:
            early.prepare_meanings(one)
    found = cs.correlate(
        opened,
        beside,
        by=by, one_per=one_per, group=group, strata=strata or (), within=within or (),
        min_npmi=min_npmi, q=q, settings=settings,
    )  # fmt: skip
    if asked is not None:
        requests = found.judging_requests(repetitions=repetitions)
        if verify:
            note(
                f"--verify {verify} sends whole texts: up to 240 for each pair, each once for "
                "either property. All else sends names alone, and what is said of these decides "
                "which pairs are read: the requests below are for the pairs that are first by now."
            )
            requests += found.verifying_requests(n=verify)
        llm.before(
            Plan.of(requests, asked),
            [store, *(also or []), *([] if other is None else [other])],
        )
        found = found.judged(asked, repetitions=repetitions)
        if verify:
            found = found.verified(asked, n=verify)
    output.deliver(found, render.show)

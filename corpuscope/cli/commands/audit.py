"""`corpuscope audit`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import (
    CountCopies,
    Group,
    MinSupport,
    Output,
    Q,
    Rename,
    Seed,
    SeveralStores,
    writable,
)
from corpuscope.cli.render import audit as render
from corpuscope.cli.terminal.progress import answers_progress
from corpuscope.cli.terminal.text import note
from corpuscope.ranges import CHECKS, check_among, check_at_least, check_numbers


def audit(
    store: SeveralStores,
    output: Output,
    llm: LLMOptions,
    label: Annotated[str | None, typer.Option(help="Column of the labels.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Column of the splits, such as train and test.")
    ] = None,
    group: Group = None,
    count_copies: CountCopies = False,
    check: Annotated[
        list[str] | None,
        typer.Option(
            help="shortcuts, suspect_labels, duplicates, leaks, templates, oddities or "
            "small_groups; repeatable. Default: all."
        ),
    ] = None,
    q: Q = 0.05,
    folds: Annotated[int, typer.Option(help="Cross-validation folds.")] = 5,
    min_support: MinSupport = 10,
    max_lines: Annotated[
        int, typer.Option(min=1, help="Maximum number of results per check.")
    ] = 20,
    rename: Rename = True,
    seed: Seed = 0,
    report: Annotated[
        Path | None,
        typer.Option(help="Write a Markdown report to this file.", callback=writable),
    ] = None,
) -> None:
    """What is wrong with these labels: shortcuts, errors, duplicates, leaks, outliers?"""
    import corpuscope as cs
    from corpuscope.llm.plan import Plan

    settings = cs.AuditSettings(
        count_copies=count_copies, folds=folds, min_support=min_support, max_lines=max_lines,
        evidence=output.n_kept(), rename=rename, seed=seed,
    )  # fmt: skip
    check_numbers(q=q, evidence=settings.evidence, min_support=min_support)
    check_among(CHECKS, check=check)
    check_at_least(2, folds=folds)
    check_at_least(1, max_lines=max_lines)
    early.check_stores(store, columns=[label, split, group])
    found = cs.audit(
        [cs.open_store(path) for path in store], label=label, split=split, group=group,
        checks=check or CHECKS, q=q, settings=settings,
    )  # fmt: skip
    asked = llm.open()
    if asked is not None:
        llm.before(Plan.of(found.reading_requests(), asked), store)
        with answers_progress() as progress:
            found = found.read(
                asked, progress=lambda done, n: progress("likely label errors", done, n)
            )
    output.deliver(found, render.show, usual=1)
    if report:
        report.write_text(found.to_markdown(), encoding="utf-8")
        note(f"saved: {report}")

"""The command that looks for what is wrong with labelled texts."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early, show, show_audits
from corpuscope.cli.options import (
    CountCopies,
    EvidenceTexts,
    Group,
    Json,
    MinSupport,
    Plot,
    Q,
    Rename,
    SeveralStores,
    writable,
)
from corpuscope.ranges import CHECKS, check_among, check_at_least, check_numbers

_EVIDENCE, _PRINTED = 5, 1


def audit(
    store: SeveralStores,
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
            "small_groups; "
            "repeat it. Default: all."
        ),
    ] = None,
    q: Q = 0.05,
    folds: Annotated[
        int, typer.Option(help="In how many parts documents are told by models of the others.")
    ] = 5,
    min_support: MinSupport = 10,
    max_lines: Annotated[int, typer.Option(min=1, help="Lines of each check at most.")] = 20,
    evidence: EvidenceTexts = None,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the audit into this Markdown file.", callback=writable),
    ] = None,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """What is wrong with these labels: shortcuts, wrong ones, copies, leaks, oddities?"""
    import corpuscope as cs

    check_numbers(q=q, evidence=evidence or 0, min_support=min_support)
    check_among(CHECKS, check=check)
    check_at_least(2, folds=folds)
    check_at_least(1, max_lines=max_lines)
    early.check_stores(store, columns=[label, split, group])
    found = cs.audit(
        [cs.open_store(path) for path in store], label=label, split=split,
        group=group, count_copies=count_copies,
        **({"checks": check} if check else {}), q=q, folds=folds, min_support=min_support,
        max_lines=max_lines, evidence=_EVIDENCE if evidence is None else evidence, rename=rename,
        seed=seed,
    )  # fmt: skip
    show_audits.audit(found, as_json=json, n_evidence=_PRINTED if evidence is None else evidence)
    if report:
        report.write_text(found.to_markdown(), encoding="utf-8")
        show.note(f"written: {report}")
    if plot:
        show.save_plot(found, plot)

"""`corpuscope diff`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import Adjust, ComparisonOptions, Group, Output, Pair, Q, Strata
from corpuscope.cli.render import diff as render
from corpuscope.cli.render.picture import save_plot


def diff(
    store: Annotated[
        list[Path], typer.Argument(help="A store; several are compared with each other.")
    ],
    comparison: ComparisonOptions,
    output: Output,
    by: Annotated[str | None, typer.Option(help="Column whose values are the groups.")] = None,
    target: Annotated[str | None, typer.Option(help="The target group.")] = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="A reference group; repeatable. Default: all others.")
    ] = None,
    pair: Pair = None,
    group: Group = None,
    strata: Strata = None,
    adjust: Adjust = True,
    q: Q = 0.05,
) -> None:
    """Which features are more, or less, frequent in the target group than in the others?"""
    import corpuscope as cs

    settings = cs.ComparisonSettings(
        count_copies=comparison.count_copies, words=comparison.words,
        features=comparison.features, min_support=comparison.min_support,
        max_findings=comparison.max_findings, rename=comparison.rename,
        evidence=output.n_kept(), seed=comparison.seed,
    )  # fmt: skip
    settings.check(q=q)
    early.check_stores(
        store, columns=[pair, group, *(strata or [])], by=by, groups=[target, *(reference or [])]
    )
    found = cs.diff(
        [cs.open_store(path) for path in store], by=by, target=target,
        reference=reference or None, pair=pair, group=group, strata=strata or (), adjust=adjust,
        q=q, settings=settings,
    )  # fmt: skip
    render.show(found, as_json=output.json, n_evidence=output.n_printed())
    if output.plot:
        save_plot(found, output.plot)

"""`corpuscope diff`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import Adjust, ComparisonOptions, Group, Output, Pair, Q, Strata
from corpuscope.cli.render import diff as render


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

    settings = comparison.settings(cs.ComparisonSettings, output)
    settings.check(q=q)
    early.check_stores(
        store, columns=[pair, group, *(strata or [])], by=by, groups=[target, *(reference or [])]
    )
    found = cs.diff(
        [cs.open_store(path) for path in store], by=by, target=target,
        reference=reference or None, pair=pair, group=group, strata=strata or (), adjust=adjust,
        q=q, settings=settings,
    )  # fmt: skip
    output.deliver(found, render.show)

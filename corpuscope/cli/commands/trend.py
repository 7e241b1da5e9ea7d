"""`corpuscope trend`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import Adjust, ComparisonOptions, Group, Output, Pair, Q, Strata
from corpuscope.cli.render import trend as render
from corpuscope.ranges import LEAST_GROUPS, UNITS, check_among, check_at_least


def trend(
    store: Annotated[
        list[Path], typer.Argument(help="A store; several are groups, in the order given.")
    ],
    comparison: ComparisonOptions,
    output: Output,
    by: Annotated[
        str | None, typer.Option(help="Column whose values are the ordered groups.")
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option(
            help="A group; repeat from first to last. Default: order of numbers or times."
        ),
    ] = None,
    max_groups: Annotated[
        int, typer.Option(help="Maximum groups; neighbouring values are merged. At least 3.")
    ] = 12,
    every: Annotated[
        str | None,
        typer.Option(help="Group times by day, week, month, quarter or year."),
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first",
            help="How to read 03/05/2024 if the column leaves it open.",
            show_default=False,
        ),
    ] = None,
    pair: Pair = None,
    group: Group = None,
    strata: Strata = None,
    adjust: Adjust = True,
    q: Q = 0.05,
) -> None:
    """Which features rise or fall along ordered groups, such as years or versions?"""
    import corpuscope as cs

    settings = replace(
        comparison.settings(cs.TrendSettings, output), max_groups=max_groups, day_first=day_first
    )
    settings.check(q=q)
    check_at_least(LEAST_GROUPS, max_groups=max_groups)
    check_among(UNITS, every=every)
    early.check_stores(store, columns=[pair, group, *(strata or [])], by=by, groups=order or [])
    found = cs.trend(
        [cs.open_store(path) for path in store], by=by, order=order or None, every=every,
        pair=pair, group=group, strata=strata or (), adjust=adjust, q=q, settings=settings,
    )  # fmt: skip
    output.deliver(found, render.show)

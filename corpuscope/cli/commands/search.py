"""`corpuscope search`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import (
    Also,
    AStore,
    Json,
    Plot,
    Rename,
)
from corpuscope.cli.render import search as render
from corpuscope.cli.terminal.picture import save_plot
from corpuscope.cli.terminal.progress import counting
from corpuscope.ranges import (
    METHODS,
    check_among,
    check_at_least,
    check_query,
)


def search(
    store: AStore,
    phrase: Annotated[
        str | None, typer.Argument(help="The property, described in words, in quotes.")
    ] = None,
    also: Also = None,
    like: Annotated[
        list[str] | None, typer.Option(help="ID of an example text; repeatable.")
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option(help="ID of a counterexample; repeatable.")
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(metavar="FEATURE=WEIGHT", help="Weight of a feature; repeatable."),
    ] = None,
    using: Annotated[
        list[str] | None,
        typer.Option(help="Rank by features, dense or words; repeatable. Default: all, fused."),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--n", help="Number of hits.")] = 10,
    n_features: Annotated[int, typer.Option(help="Maximum number of query features.")] = 100,
    temperature: Annotated[
        float, typer.Option(help="Smaller values give more weight to the best query features.")
    ] = 0.5,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Random seed for ties.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Which texts have this property?"""
    import corpuscope as cs

    check_query(phrase, like=like or (), unlike=unlike or (), n_weights=len(weight or []))
    check_among(METHODS, using=using)
    check_at_least(1, n=n, n_features=n_features)
    early.check_stores([store, *(also or [])])
    with counting("texts embedded") as progress:
        found = cs.search(
            [cs.open_store(path) for path in (store, *(also or ()))], phrase,
            like=like or (), unlike=unlike or (), weights=_weights(weight or []),
            using=using or METHODS, n=n, progress=progress,
            settings=cs.SearchSettings(
                n_features=n_features, temperature=temperature, rename=rename, seed=seed
            ),
        )  # fmt: skip
    render.show(found, as_json=json)
    if plot:
        save_plot(found, plot)


def _weights(given: list[str]) -> dict[int, float]:
    """Features and weights from arguments such as `12=0.5`."""
    found = {}
    for one in given:
        feature, _, weight = one.partition("=")
        try:
            found[int(feature)] = float(weight)
        except ValueError:
            raise typer.BadParameter(f"--weight {one}: expected a form such as 12=0.5") from None
    return found

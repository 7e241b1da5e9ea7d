"""`corpuscope search`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import (
    Also,
    AStore,
    Json,
    Plot,
    Rename,
)
from corpuscope.cli.render import search as render
from corpuscope.cli.terminal.picture import save_plot
from corpuscope.cli.terminal.progress import answers_progress, counting
from corpuscope.ranges import (
    METHODS,
    check_among,
    check_at_least,
    check_query,
)

if TYPE_CHECKING:
    from corpuscope.analyses.search.result import SearchResult
    from corpuscope.llm.client import LLM


def search(
    store: AStore,
    llm: LLMOptions,
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
    expand: Annotated[
        bool, typer.Option(help="With --llm: also search by other words for the phrase.")
    ] = True,
    grade: Annotated[
        int, typer.Option(min=0, help="With --llm: how many texts to read and grade.")
    ] = 50,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Which texts have this property?"""
    import corpuscope as cs
    from corpuscope.store.end_to_end import joined

    check_query(phrase, like=like or (), unlike=unlike or (), n_weights=len(weight or []))
    check_among(METHODS, using=using)
    check_at_least(1, n=n, n_features=n_features)
    stores = [store, *(also or [])]
    early.check_stores(stores)
    asked = llm.open()
    settings = cs.SearchSettings(
        n_features=n_features, temperature=temperature, rename=rename, seed=seed
    )
    opened = [cs.open_store(path) for path in stores]
    if phrase and "features" in (using or METHODS):
        early.prepare_meanings(joined(opened))
    with counting("texts embedded") as progress:
        found = cs.search(
            opened, phrase,
            like=like or (), unlike=unlike or (), weights=_weights(weight or []),
            using=using or METHODS, n=n, progress=progress, settings=settings,
        )  # fmt: skip
    if asked is not None and phrase:
        found = _by_reading(found, phrase, asked, llm, stores, expands=expand, n_graded=grade)
    render.show(found, as_json=json)
    if plot:
        save_plot(found, plot)


def _by_reading(
    found: "SearchResult", phrase: str, asked: "LLM", options: LLMOptions, stores: list[Path], *,
    expands: bool, n_graded: int,
) -> "SearchResult":  # fmt: skip
    """The result of searching by other words, too, and with its first texts graded."""
    from corpuscope.analyses.search.expansion import expanded, expansion_request
    from corpuscope.llm.plan import Plan

    # Other words will bring other texts; those found so far tell what they will cost.
    likely = [*([expansion_request(phrase)] if expands else []), *found.grading_requests(n_graded)]
    options.before(Plan.of(likely, asked), stores)
    if expands:
        found = found.again(replace(found.request, expansion=expanded(phrase, asked)))
    if not n_graded:
        return found
    with answers_progress() as progress:
        return found.graded(asked, n=n_graded, progress=progress)


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

"""`corpuscope cluster`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import Group, MinSupport, Output, Rename, Seed, SeveralStores
from corpuscope.cli.render import cluster as render
from corpuscope.cli.terminal.progress import answers_progress
from corpuscope.ranges import check_at_least


def cluster(
    store: SeveralStores,
    output: Output,
    llm: LLMOptions,
    along: Annotated[
        list[str] | None,
        typer.Option(help="The axis: its name, or a phrase for each pole; repeatable."),
    ] = None,
    n_clusters: Annotated[
        int | None, typer.Option(help="Number of clusters. Default: the most stable number.")
    ] = None,
    feature: Annotated[
        list[int] | None, typer.Option(help="Number of a feature to cluster by; repeatable.")
    ] = None,
    without: Annotated[
        list[int] | None, typer.Option(help="Number of a feature to exclude; repeatable.")
    ] = None,
    n_features: Annotated[int, typer.Option(help="Features per phrase.")] = 300,
    group: Group = None,
    words: Annotated[bool, typer.Option(help="Describe clusters by words, too.")] = True,
    min_support: MinSupport = 5,
    rename: Rename = True,
    seed: Seed = 0,
) -> None:
    """How do texts cluster along an axis that is described in words?"""
    import corpuscope as cs
    from corpuscope.llm.plan import Plan
    from corpuscope.store.end_to_end import joined

    check_at_least(2, "leave it out to have it chosen", n_clusters=n_clusters)
    check_at_least(1, n_features=n_features, min_support=min_support)
    early.check_stores(store, columns=[group])
    settings = cs.ClusterSettings(
        n_features=n_features, words=words, min_support=min_support, evidence=output.n_kept(),
        rename=rename, seed=seed,
    )  # fmt: skip
    opened = [cs.open_store(path) for path in store]
    if along:
        early.prepare_meanings(joined(opened))
    found = cs.cluster(
        opened, along=along or None, n_clusters=n_clusters,
        features=feature or (), without=without or (), group=group, settings=settings,
    )  # fmt: skip
    asked = llm.open()
    if asked is not None:
        llm.before(Plan.of(found.reading_requests(), asked), store)
        with answers_progress() as progress:
            found = found.read(asked, progress=progress)
    output.deliver(found, render.show)

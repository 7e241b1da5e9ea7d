"""`corpuscope export atlas`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.export_options import NewFolder
from corpuscope.cli.options import Json, SeveralStores
from corpuscope.cli.render import export as render


def atlas(
    stores: SeveralStores,
    into: NewFolder,
    topics: Annotated[
        Path | None, typer.Option(help="CSV file with the columns feature (a number) and topic.")
    ] = None,
    most_features: Annotated[
        int, typer.Option(min=1, help="List at most this many features for a document.")
    ] = 64,
    quantile: Annotated[
        float,
        typer.Option(
            min=0, max=1,
            help="List a feature from this quantile of its strengths on; 0 wherever present.",
        ),
    ] = 0.5,
    most_rate: Annotated[
        float,
        typer.Option(min=0, max=1, help="Leave out features that more of the documents have."),
    ] = 0.9,
    by_role: Annotated[
        bool, typer.Option("--by-role", help="List each feature with the role that it is of.")
    ] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Write Parquet files for Embedding Atlas, with a column of features."""
    import corpuscope as cs
    from corpuscope.export.topics import read_topics

    settings = cs.AtlasSettings(
        most_features=most_features, quantile=quantile, most_rate=most_rate, by_role=by_role
    )
    named = None if topics is None else read_topics(topics)
    render.show(cs.export_atlas(stores, into, topics=named, settings=settings), as_json=json)

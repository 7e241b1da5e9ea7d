"""`corpuscope export anndata`."""

from typing import Annotated

import typer

from corpuscope.cli.export_options import NewFile
from corpuscope.cli.options import Json, SeveralStores
from corpuscope.cli.render import export as render


def anndata(
    stores: SeveralStores,
    into: NewFile,
    texts: Annotated[bool, typer.Option(help="Keep the texts as a column of obs.")] = False,
    presence: Annotated[
        bool, typer.Option(help="Add a layer that is 1 where a feature is present.")
    ] = True,
    json: Json = False,
) -> None:
    """Write an .h5ad file for anndata and scanpy."""
    import corpuscope as cs

    render.show(cs.export_anndata(stores, into, texts=texts, presence=presence), as_json=json)

"""`corpuscope export saelens`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.export_options import NewFolder
from corpuscope.cli.options import Json
from corpuscope.cli.render import export as render


def saelens(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder, or builtin.")],
    into: NewFolder,
    part: Annotated[
        int | None, typer.Option(min=0, help="Which part, from 0. Default: the only one.")
    ] = None,
    model_name: Annotated[
        str | None, typer.Option(help="The model's name in TransformerLens. Default: the reader's.")
    ] = None,
    hook_name: Annotated[
        str | None, typer.Option(help="The hook in TransformerLens. Default: by the layer.")
    ] = None,
    hf_hook_name: Annotated[
        str | None, typer.Option(help="The module in transformers, such as model.layers.11.")
    ] = None,
    prepend_bos: Annotated[
        bool | None, typer.Option(help="Whether texts begin with a special token.")
    ] = None,
    json: Json = False,
) -> None:
    """Write one part of a dictionary as a folder that SAELens loads."""
    early.check_dictionary(dictionary)
    import corpuscope as cs

    settings = cs.SAELensSettings(
        model_name=model_name, hook_name=hook_name, hf_hook_name=hf_hook_name,
        prepend_bos=prepend_bos,
    )  # fmt: skip
    loaded = cs.load_dictionary(dictionary)
    render.show(cs.export_saelens(loaded, into, part=part, settings=settings), as_json=json)

"""`corpuscope export datasets`."""

from corpuscope.cli.export_options import NewFolder
from corpuscope.cli.options import Json, SeveralStores
from corpuscope.cli.render import export as render


def datasets(stores: SeveralStores, into: NewFolder, json: Json = False) -> None:
    """Write a folder that the Hugging Face library datasets loads."""
    import corpuscope as cs

    render.show(cs.export_datasets(stores, into), as_json=json)

"""`corpuscope export parquet`."""

from corpuscope.cli.export_options import NewFolder
from corpuscope.cli.options import Json, SeveralStores
from corpuscope.cli.render import export as render


def parquet(stores: SeveralStores, into: NewFolder, json: Json = False) -> None:
    """Write documents, strengths and features as three Parquet files."""
    import corpuscope as cs

    render.show(cs.export_parquet(stores, into), as_json=json)

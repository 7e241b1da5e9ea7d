"""`corpuscope doctor`."""

from pathlib import Path

from corpuscope.cli.options import (
    Json,
)
from corpuscope.cli.render import doctor as render


def doctor(json: Json = False) -> None:
    """Check the installation. Uses no network."""
    from corpuscope.cli.environment import examine

    render.show(examine(Path.cwd()), as_json=json)

"""`corpuscope demo`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import Json
from corpuscope.cli.render import diff as render
from corpuscope.cli.terminal.text import note


def demo(
    into: Annotated[Path, typer.Option(help="Folder of the demo store.")] = Path("demo.scope"),
    json: Json = False,
) -> None:
    """What changed between two versions of a support assistant? Uses bundled data."""
    import corpuscope as cs

    note("Reading 304 answers of a shop's support assistant, versions v1 and v2 ...")
    store = cs.extract(cs.demo_corpus(), into=into, progress=True)
    found = cs.diff(store, by="version", target="v2", pair="question_id")
    render.show(found, as_json=json, n_evidence=1)
    note(
        "\nNext, more examples, or your own files:\n"
        f"  corpuscope diff {into} --by version --target v2 --pair question_id --evidence 3\n"
        "  corpuscope extract answers.jsonl --text output --into answers.scope"
    )

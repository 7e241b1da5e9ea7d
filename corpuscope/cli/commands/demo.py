"""`corpuscope demo`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import Json
from corpuscope.cli.render import diff as render
from corpuscope.cli.terminal.text import note


def demo(
    claims: Annotated[
        bool,
        typer.Option(
            "--claims", help="Show recorded claims instead: sentences, tested by reading."
        ),
    ] = False,
    into: Annotated[Path, typer.Option(help="Folder of the demo store.")] = Path("demo.scope"),
    json: Json = False,
) -> None:
    """What changed between two versions of a support assistant? Uses bundled data."""
    import corpuscope as cs

    if claims:
        _show_claims(as_json=json)
        return
    note("Reading 304 answers of a shop's support assistant, versions v1 and v2 ...")
    store = cs.extract(cs.demo_corpus(), into=into, progress=True)
    found = cs.diff(store, by="version", target="v2", pair="question_id")
    render.show(found, as_json=json, n_evidence=1)
    note(
        "\nNext, more examples, or your own files:\n"
        f"  corpuscope diff {into} --by version --target v2 --pair question_id --evidence 3\n"
        "  corpuscope extract answers.jsonl --text output --into answers.scope"
    )


def _show_claims(*, as_json: bool) -> None:
    from corpuscope.claiming.from_json import claims_from_json
    from corpuscope.cli.render import claims as render
    from corpuscope.demo import demo_claims

    recorded = claims_from_json(demo_claims())
    note(
        "Recorded claims about the demo's two versions, to show what a language model adds. "
        "Nothing is sent now.\n"
    )
    render.show(recorded, as_json=as_json, n_evidence=1)
    note(
        "\nThe same for your own files, with any model or with a file that anyone can answer:\n"
        "  corpuscope claims answers.scope --by model --target new --pair prompt_id --llm NAME\n"
        "  corpuscope claims answers.scope --by model --target new --pair prompt_id --dry-run "
        "--llm NAME"
    )

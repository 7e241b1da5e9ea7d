"""`corpuscope extract`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import CorpusOptions, ExtractReaderOptions, Files, Json
from corpuscope.cli.render.looking import info as render
from corpuscope.cli.terminal.text import resumable, warn


def extract(
    corpus: Files,
    into: Annotated[Path, typer.Option(help="The store's folder, such as answers.scope.")],
    columns: CorpusOptions,
    reading: ExtractReaderOptions,
    metadata: Annotated[
        list[str] | None, typer.Option(help="Metadata column to keep; repeatable. Default: all.")
    ] = None,
    dictionary: Annotated[str, typer.Option(help="A dictionary's folder, or builtin.")] = "builtin",
    shard_documents: Annotated[
        int, typer.Option(min=1, help="Documents per shard (committed together).")
    ] = 1000,
    json: Json = False,
) -> None:
    """Read a corpus into a store. Resumable: run it again."""
    import corpuscope as cs

    early.check_dictionary(dictionary)
    roles = reading.role or None
    texts = columns.read(corpus, roles or (), metadata)
    with resumable(into):
        store = cs.extract(
            texts,
            into=into,
            dictionary=dictionary,
            reader=reading.load(dictionary),
            roles=roles,
            shard_documents=shard_documents,
            progress=True,
            device=reading.device,
            engine=reading.engine,
        )
    warn(store.provenance["reader"].get("notes", ()))
    parameters = {
        "corpus": corpus, "text": columns.text, "prompt": columns.prompt,
        "response": columns.response, "messages": columns.messages,
        "answers": columns.answers or None, "dialogue": columns.dialogue, "id": columns.id,
        "metadata": metadata or None, "encoding": columns.encoding,
        "delimiter": columns.delimiter, "roles": roles, "dictionary": dictionary,
    }  # fmt: skip
    render.show_facts(store, command="extract", parameters=parameters, as_json=json)

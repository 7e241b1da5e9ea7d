"""Commands that make a store."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early, show, show_diff
from corpuscope.cli.options import (
    AnswerColumns,
    Delimiter,
    Dialogue,
    Encoding,
    Files,
    IdColumn,
    Json,
    MessagesColumn,
    PromptColumn,
    Reader,
    ResponseColumn,
    Roles,
    TextColumn,
    corpus_of,
)


def extract(
    corpus: Files,
    into: Annotated[Path, typer.Option(help="The store's folder, such as answers.scope.")],
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    answers: AnswerColumns = None,
    dialogue: Dialogue = False,
    id: IdColumn = None,
    metadata: Annotated[
        list[str] | None, typer.Option(help="A column to keep; repeat it. By default all are kept.")
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    role: Roles = None,
    dictionary: Annotated[str, typer.Option(help="A dictionary's folder, or builtin.")] = "builtin",
    reader: Reader = None,
    shard_documents: Annotated[
        int, typer.Option(min=1, help="Documents committed at once.")
    ] = 1000,
    json: Json = False,
) -> None:
    """Read a corpus into a store. Cut short, the same command goes on where it was."""
    import corpuscope as cs

    columns = {
        "text": text, "prompt": prompt, "response": response, "messages": messages,
        "answers": answers or None, "dialogue": dialogue, "id": id, "metadata": metadata or None,
        "encoding": encoding, "delimiter": delimiter,
    }  # fmt: skip
    early.check_dictionary(dictionary)
    texts = corpus_of(corpus, role or (), **columns)
    with show.resumable(into):
        store = cs.extract(
            texts,
            into=into,
            dictionary=dictionary,
            reader=cs.load_reader(reader) if reader else None,
            roles=role or None,
            shard_documents=shard_documents,
            progress=True,
        )
    parameters = {"corpus": corpus, **columns, "roles": role or None, "dictionary": dictionary}
    show.store(store, command="extract", parameters=parameters, as_json=json)


def demo(
    into: Annotated[Path, typer.Option(help="Where the demo's store goes.")] = Path("demo.scope"),
    json: Json = False,
) -> None:
    """What changed between two versions of a support assistant? Ships with the package."""
    import corpuscope as cs

    show.note("Reading 304 answers of a shop's support assistant, versions v1 and v2 ...")
    store = cs.extract(cs.demo_corpus(), into=into, progress=True)
    found, as_it_stands = (
        cs.diff(store, by="version", target="v2", pair="question_id", adjust=adjust)
        for adjust in (True, False)
    )
    show_diff.diff(found, as_json=json, n_evidence=1, unadjusted=as_it_stands)
    show.note(
        "\nMore of it, and your own files:\n"
        f"  corpuscope diff {into} --by version --target v2 --pair question_id --evidence 3\n"
        "  corpuscope extract answers.jsonl --text output --into answers.scope"
    )

"""`corpuscope probe`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import LanguageModelOptions, Output, Rename, Seed, SeveralStores
from corpuscope.cli.render import probe as render
from corpuscope.ranges import check_at_least, check_share

if TYPE_CHECKING:
    from corpuscope.probing.documents.unseen import Unseen


def probe(
    store: SeveralStores,
    output: Output,
    reading: LanguageModelOptions,
    label: Annotated[str, typer.Option(help="Column of the labels: classes, or numbers.")],
    unseen: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STORE[:COLUMN|=CLASS]",
            help="A store for evaluation only, optionally with its own label column, or one "
            "class for all; repeatable.",
        ),
    ] = None,
    target: Annotated[str | None, typer.Option(help="Positive class.")] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Column of documents to keep together (grouped cross-validation)."),
    ] = None,
    probe: Annotated[
        list[str] | None,
        typer.Option(help="A probe, such as 'sae token max k=16'; repeatable. Default: some 25."),
    ] = None,
    without: Annotated[
        list[int] | None, typer.Option(help="Number of a feature to exclude; repeatable.")
    ] = None,
    test: Annotated[float, typer.Option(help="Share of documents in the test set.")] = 0.25,
    folds: Annotated[int, typer.Option(help="Cross-validation folds; at least 2.")] = 5,
    rename: Rename = True,
    dictionary: Annotated[
        str, typer.Option(help="The dictionary of the stores: its folder, or builtin.")
    ] = "builtin",
    seed: Seed = 0,
) -> None:
    """What predicts a label, and does that hold on unseen corpora?"""
    import corpuscope as cs

    check_share(test=test)
    check_at_least(2, folds=folds)
    early.check_stores(store, columns=[label, group], by=label, groups=[target])
    early.check_dictionary(dictionary)
    opened = [_unseen(one) for one in unseen or ()]
    found = cs.probe(
        [cs.open_store(path) for path in store], label=label,
        unseen={_name(one, opened): one for one in opened},
        target=target, group=group, probes=probe or None, without=without or (),
        dictionary=dictionary, reader=reading.load(dictionary), progress=True,
        settings=cs.ProbeSettings(
            test=test, folds=folds, evidence=output.n_kept(2), rename=rename, seed=seed
        ),
    )  # fmt: skip
    output.deliver(found, render.show, usual=1)


def _name(one: "Unseen", others: "list[Unseen]") -> str:
    """The folder's name, or its full path if names collide."""
    names = [other.store.path.stem for other in others]
    path = one.store.path
    return str(path) if names.count(path.stem) > 1 else path.stem


def _unseen(written: str) -> "Unseen":
    """The store and its labels from `other.scope`, `other.scope:column` or `other.scope=class`."""
    import corpuscope as cs

    if Path(written).exists():
        return cs.Unseen(cs.open_store(written))
    at = max(written.rfind(":"), written.rfind("="))
    if at <= 0:
        return cs.Unseen(cs.open_store(written))
    store, rest = cs.open_store(written[:at]), written[at + 1 :]
    return cs.Unseen(store, label=rest) if written[at] == ":" else cs.Unseen(store, all=rest)

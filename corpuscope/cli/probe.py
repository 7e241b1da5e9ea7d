"""The command that asks what a label can be told from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpuscope.cli import early, show, show_probes
from corpuscope.cli.options import Json, Plot, Reader, Rename, SeveralStores
from corpuscope.ranges import check_at_least, check_share

if TYPE_CHECKING:
    from corpuscope.probing import Unseen

_EVIDENCE, _PRINTED = 2, 1
"""How many texts a feature has of each class, and how many are printed."""


def probe(
    store: SeveralStores,
    label: Annotated[str, typer.Option(help="Column of the labels: classes, or numbers.")],
    unseen: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STORE[:COLUMN|=CLASS]",
            help="A store that is only judged on; its labels in another column, or all of one "
            "class; repeat it.",
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Of two classes, the one that scores rise with.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Documents with one value here are never divided.")
    ] = None,
    probe: Annotated[
        list[str] | None,
        typer.Option(help="A probe, such as 'sae token max k=16'; repeat it. Default: some 25."),
    ] = None,
    without: Annotated[
        list[int] | None, typer.Option(help="Number of a feature to strike out; repeat it.")
    ] = None,
    test: Annotated[float, typer.Option(help="Share of the documents to test on.")] = 0.25,
    folds: Annotated[int, typer.Option(help="Of the cross-validation; at least 2.")] = 5,
    evidence: Annotated[
        int | None,
        typer.Option(min=0, help="Texts that show each feature. Default: 1; in JSON 2 a class."),
    ] = None,
    rename: Rename = True,
    dictionary: Annotated[
        str, typer.Option(help="The dictionary of the stores: its folder, or builtin.")
    ] = "builtin",
    reader: Reader = None,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """What can a label be told from, and does that hold on unseen corpora?"""
    import corpuscope as cs

    check_share(test=test)
    check_at_least(2, folds=folds)
    early.check_stores(store, columns=[label, group], by=label, groups=[target])
    early.check_dictionary(dictionary)
    opened = [_unseen(one) for one in unseen or ()]
    found = cs.probe(
        [cs.open_store(path) for path in store], label=label,
        unseen={_name(one, opened): one for one in opened},
        target=target, group=group, probes=probe or None, without=without or (), test=test,
        folds=folds, evidence=_EVIDENCE if evidence is None else evidence, rename=rename,
        dictionary=dictionary, reader=cs.load_reader(reader) if reader else None,
        progress=True, seed=seed,
    )  # fmt: skip
    show_probes.probe(found, as_json=json, n_evidence=_PRINTED if evidence is None else evidence)
    if plot:
        show.save_plot(found, plot)


def _name(one: "Unseen", others: "list[Unseen]") -> str:
    """The folder's name, or its whole path where two have one name."""
    names = [other.store.path.stem for other in others]
    path = one.store.path
    return str(path) if names.count(path.stem) > 1 else path.stem


def _unseen(written: str) -> "Unseen":
    """Of `other.scope`, `other.scope:column` or `other.scope=class` the store and its labels."""
    import corpuscope as cs

    if Path(written).exists():
        return cs.Unseen(cs.open_store(written))
    at = max(written.rfind(":"), written.rfind("="))
    if at <= 0:
        return cs.Unseen(cs.open_store(written))
    store, rest = cs.open_store(written[:at]), written[at + 1 :]
    return cs.Unseen(store, label=rest) if written[at] == ":" else cs.Unseen(store, all=rest)

"""`corpuscope label`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.foreign_labels import ForeignLabelOptions
from corpuscope.cli.llm_options import LLMOptions
from corpuscope.cli.options import CorpusOptions, Json, LanguageModelOptions, Seed
from corpuscope.cli.render import label as render
from corpuscope.cli.terminal.progress import answers_progress, counting
from corpuscope.errors import InputError

if TYPE_CHECKING:
    from corpuscope.labels.foreign.attach import AttachedLabels
    from corpuscope.store.store import Store


def label(
    what: Annotated[
        str, typer.Argument(metavar="DICTIONARY|STORE", help="A dictionary's folder, or a store.")
    ],
    columns: CorpusOptions,
    llm: LLMOptions,
    reading: LanguageModelOptions,
    foreign: ForeignLabelOptions,
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CORPUS", help="Texts to label a dictionary by: files, a folder, or -."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Of a store: feature numbers, or a file that a question printed with --json; "
            "repeatable."
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Of such a file: how many features.")] = 30,
    detection: Annotated[
        bool,
        typer.Option(
            "--detection",
            help="Of a store: have labels tested place by place, too (some 24 calls a feature).",
        ),
    ] = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Label features: by the words of texts, by reading, or by labels of others; with scores."""
    if foreign.labels_from is not None:
        _attach(what, foreign, only or [], llm, most=most, seed=seed, as_json=json)
        return
    if (Path(what) / "manifest.json").is_file():
        _label_store(
            Path(what), only or [], llm, most=most, detection=detection, seed=seed, as_json=json
        )
        return
    if not corpus:
        raise InputError(
            f"no texts to label {what} by",
            expected="a dictionary and a corpus, or a store and --llm",
            next_step="name files of texts, or a store that extract made",
        )
    _label_dictionary(what, corpus, columns, reading, seed=seed, as_json=json)


def _attach(
    what: str, foreign: ForeignLabelOptions, only: list[str], options: LLMOptions, *, most: int,
    seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Attach labels of others to a store or a dictionary, and test some of a store's."""
    if (Path(what) / "manifest.json").is_file():
        if foreign.into is not None:
            raise InputError(
                f"--into {foreign.into} for the store {what}",
                expected="a dictionary; labels of a store are kept with it",
                next_step="omit --into",
            )
        features = features_in(only, most)
        from corpuscope.labels.foreign.attach import attach_labels
        from corpuscope.store.store import open_store

        store = open_store(what)
        attached = attach_labels(store, foreign.read())
        if features:
            attached = _tested(store, attached, features, options, seed=seed)
    else:
        early.check_dictionary(what)
        labels = foreign.read()
        from corpuscope.training.label_from import attach_to_dictionary

        attached = attach_to_dictionary(what, labels, into=foreign.into)
    render.show_attached(attached, what=str(foreign.into or what), as_json=as_json)


def _tested(
    store: "Store", attached: "AttachedLabels", features: list[int], options: LLMOptions, *,
    seed: int,
) -> "AttachedLabels":  # fmt: skip
    """Test the labels of some features on a store's texts, by reading if a model is named."""
    from corpuscope.labels.foreign.attach import labels_of, score_attached
    from corpuscope.labels.foreign.trials import reading_requests

    asked = options.open()
    if asked is not None:
        from corpuscope.llm.plan import Plan

        requests = reading_requests(store, labels_of(attached, features), seed=seed)
        options.before(Plan.of(requests, asked), [store.path])
    with counting("labels tested" if asked is None else "answers") as progress:
        return score_attached(store, attached, features, llm=asked, seed=seed, progress=progress)


def _label_dictionary(
    dictionary: str, corpus: list[str], columns: CorpusOptions, reading: LanguageModelOptions, *,
    seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Name the features of a dictionary by the words of texts."""
    early.check_dictionary(dictionary)
    texts = columns.read(corpus)
    from corpuscope.sae.files import save_features
    from corpuscope.training.label import name_scores, with_names

    with counting("features labelled") as on_feature:
        named = with_names(
            dictionary,
            texts,
            reader=reading.load(dictionary),
            seed=seed,
            progress=True,
            on_feature=on_feature,
        )
    save_features(named, dictionary)
    render.show(
        name_scores(named),
        dictionary=dictionary,
        parameters={"corpus": corpus, **columns.parameters(), "seed": seed},
        as_json=as_json,
    )


def _label_store(
    path: Path, only: list[str], options: LLMOptions, *, most: int, detection: bool, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Name features of a store by reading, and keep the names that do better than words."""
    import corpuscope as cs

    early.check_stores([path])
    features = features_in(only, most)
    asked = options.open()
    if asked is None or not features:
        raise InputError(
            f"a store, {len(features)} features and {'no' if asked is None else 'a'} reader",
            expected="--only with features, or a file of findings, and --llm or --llm-batch",
            next_step="run diff --json > found.json, then label STORE --only found.json --llm NAME",
        )
    from corpuscope.labels.by_reading.material import material_of_features
    from corpuscope.labels.by_reading.write import given_names, label_by_reading, naming_requests
    from corpuscope.llm.plan import Plan
    from corpuscope.store.names import save_names

    store = cs.open_store(path)
    unknown = [one for one in features if not 0 <= one < store.n_features]
    if unknown:
        raise InputError(
            f"{path} has no feature {unknown[0]}",
            expected=f"numbers from 0 to {store.n_features - 1}",
            next_step="take them from a result of this store",
        )
    material = material_of_features(store, features, seed=seed)
    options.before(Plan.of(naming_requests(material), asked), [path])
    with answers_progress() as progress:
        table = label_by_reading(
            store, features, asked, detection=detection, seed=seed, progress=progress
        )
    save_names(path, given_names(table))
    render.show_written(table, store=path, receipt=asked.receipt(), as_json=as_json)


def features_in(only: list[str], most: int) -> list[int]:
    """The features that are named, by number or by a file of findings; each once, in order.

    Raises:
        InputError: Something is neither a number nor a file of JSON.
    """
    from json import loads

    found: list[int] = []
    for one in only:
        if one.lstrip("-").isdigit():
            found.append(int(one))
            continue
        try:
            value = loads(Path(one).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"--only {one} is neither a number nor a file of findings ({error})",
                expected="feature numbers, or a file that a question printed with --json",
                next_step="check the path",
            ) from error
        found += list(dict.fromkeys(_features_of(value)))[:most]
    return list(dict.fromkeys(found))


def _features_of(value: object) -> list[int]:
    """All features of a result, in the order in which it tells them; words are none."""
    if isinstance(value, dict):
        own = [value[name] for name in ("feature", "feature_a", "feature_b") if name in value]
        inner = [one for name, part in value.items() if name != "members"
                 for one in _features_of(part)]  # fmt: skip
        return [one for one in own if isinstance(one, int)] + inner
    if isinstance(value, list):
        return [one for part in value for one in _features_of(part)]
    return []

"""Commands that ask a store."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import (
    early,
    show,
    show_clusters,
    show_diff,
    show_hits,
    show_learning,
    show_pairs,
    show_trends,
)
from corpuscope.cli.options import (
    Adjust,
    Also,
    AStore,
    CountCopies,
    EvidenceTexts,
    Features,
    Group,
    Json,
    MaxFindings,
    MinSupport,
    Pair,
    Plot,
    Q,
    Rename,
    SeveralStores,
    Strata,
    Words,
)
from corpuscope.ranges import (
    LEAST_GROUPS,
    METHODS,
    UNITS,
    check_among,
    check_at_least,
    check_is_asked,
    check_likeness,
    check_numbers,
)

_EVIDENCE, _PRINTED = 5, 2
"""How many texts a finding has on each side, and how many of them are printed."""


def diff(
    store: Annotated[
        list[Path], typer.Argument(help="A store; several are compared with each other.")
    ],
    by: Annotated[str | None, typer.Option(help="Column whose values are the groups.")] = None,
    target: Annotated[str | None, typer.Option(help="The group asked about.")] = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="Compare with this group; repeat it. Default: all.")
    ] = None,
    pair: Pair = None,
    group: Group = None,
    count_copies: CountCopies = False,
    strata: Strata = None,
    adjust: Adjust = True,
    words: Words = True,
    features: Features = True,
    min_support: MinSupport = 10,
    q: Q = 0.05,
    evidence: EvidenceTexts = None,
    max_findings: MaxFindings = 50,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Draws the half that is held out.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """What does the target group have more often, or less often, than the others?"""
    import corpuscope as cs

    check_numbers(q=q, evidence=evidence or 0, min_support=min_support)
    early.check_stores(
        store, columns=[pair, group, *(strata or [])], by=by, groups=[target, *(reference or [])]
    )
    stores = [cs.open_store(path) for path in store]
    options = {
        "by": by, "target": target, "reference": reference or None, "pair": pair,
        "group": group, "count_copies": count_copies, "strata": strata or (),
        "words": words, "features": features,
        "min_support": min_support, "q": q, "max_findings": max_findings, "rename": rename,
        "evidence": _EVIDENCE if evidence is None else evidence, "seed": seed,
    }  # fmt: skip
    found = cs.diff(stores, adjust=adjust, **options)  # type: ignore[arg-type]
    show_diff.diff(
        found,
        as_json=json,
        n_evidence=_PRINTED if evidence is None else evidence,
        unadjusted=None if json or not adjust else cs.diff(stores, adjust=False, **options),  # type: ignore[arg-type]
    )
    if plot:
        show.save_plot(found, plot)


def trend(
    store: Annotated[
        list[Path], typer.Argument(help="A store; several are groups in the order given.")
    ],
    by: Annotated[
        str | None, typer.Option(help="Column whose values are the groups, in order.")
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option(help="A group; repeat it from first to last. Default: by number or time."),
    ] = None,
    max_groups: Annotated[
        int, typer.Option(help="Of more values neighbours are put together; at least 3.")
    ] = 12,
    every: Annotated[
        str | None,
        typer.Option(help="Puts times together by the day, week, month, quarter or year."),
    ] = None,
    day_first: Annotated[
        bool | None,
        typer.Option(
            "--day-first/--month-first",
            help="What 03/05/2024 begins with, where no value of the column says it.",
            show_default=False,
        ),
    ] = None,
    pair: Pair = None,
    group: Group = None,
    count_copies: CountCopies = False,
    strata: Strata = None,
    adjust: Adjust = True,
    words: Words = True,
    features: Features = True,
    min_support: MinSupport = 10,
    q: Q = 0.05,
    evidence: EvidenceTexts = None,
    max_findings: MaxFindings = 50,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Draws the half that is held out.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """What rises or falls from the first group to the last?"""
    import corpuscope as cs

    check_numbers(q=q, evidence=evidence or 0, min_support=min_support)
    check_at_least(LEAST_GROUPS, max_groups=max_groups)
    check_among(UNITS, every=every)
    early.check_stores(store, columns=[pair, group, *(strata or [])], by=by, groups=order or [])
    stores = [cs.open_store(path) for path in store]
    options = {
        "by": by, "order": order or None, "max_groups": max_groups,
        "every": every, "day_first": day_first, "pair": pair,
        "group": group, "count_copies": count_copies, "strata": strata or (),
        "words": words, "features": features,
        "min_support": min_support, "q": q, "max_findings": max_findings, "rename": rename,
        "evidence": _EVIDENCE if evidence is None else evidence, "seed": seed,
    }  # fmt: skip
    found = cs.trend(stores, adjust=adjust, **options)  # type: ignore[arg-type]
    show_trends.trend(
        found,
        as_json=json,
        n_evidence=_PRINTED if evidence is None else evidence,
        unadjusted=None if json or not adjust else cs.trend(stores, adjust=False, **options),  # type: ignore[arg-type]
    )
    if plot:
        show.save_plot(found, plot)


def correlate(
    store: AStore,
    other: Annotated[
        Path | None,
        typer.Argument(help="Another view of the same documents, such as the answers to prompts."),
    ] = None,
    also: Also = None,
    by: Annotated[
        str | None, typer.Option(help="Column of groups; the NPMI is told for each.")
    ] = None,
    one_per: Annotated[
        str | None, typer.Option(help="Column of which each value counts once.")
    ] = None,
    group: Group = None,
    strata: Strata = None,
    within: Annotated[
        list[str] | None,
        typer.Option(help="Column of large parts, such as sources, that must not explain it."),
    ] = None,
    parts: Annotated[
        bool, typer.Option(help="Hold parts found by the texts where --within names none.")
    ] = True,
    words: Annotated[bool, typer.Option(help="Pair words and format marks too.")] = False,
    features: Annotated[bool, typer.Option(help="Pair the dictionary's features.")] = True,
    min_npmi: Annotated[float, typer.Option(help="The least NPMI, from 0 to below 1.")] = 0.3,
    min_support: Annotated[
        int, typer.Option(help="Documents that must have both; at least 5.")
    ] = 10,
    unexpected_below: Annotated[
        float,
        typer.Option(help="Unexpected: at most this share of random pairs has names less alike."),
    ] = 0.8,
    q: Q = 0.05,
    evidence: EvidenceTexts = None,
    max_findings: MaxFindings = 50,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Draws the half that is held out.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Which properties travel together that one would not expect to?"""
    import corpuscope as cs

    check_numbers(q=q, evidence=evidence or 0, min_support=min_support)
    check_likeness(min_npmi=min_npmi, unexpected_below=unexpected_below)
    early.check_stores(
        [store, *(also or [])],
        columns=[by, one_per, group, *(strata or []), *(within or [])] if other is None else [],
    )
    found = cs.correlate(
        [cs.open_store(path) for path in (store, *(also or ()))],
        None if other is None else cs.open_store(other),
        by=by, one_per=one_per, group=group, strata=strata or (), within=within or (), parts=parts,
        words=words, features=features,
        min_npmi=min_npmi, min_support=min_support, unexpected_below=unexpected_below, q=q,
        evidence=_EVIDENCE if evidence is None else evidence, max_findings=max_findings,
        rename=rename, seed=seed,
    )  # fmt: skip
    show_pairs.correlate(found, as_json=json, n_evidence=_PRINTED if evidence is None else evidence)
    if plot:
        show.save_plot(found, plot)


def cluster(
    store: SeveralStores,
    along: Annotated[
        list[str] | None,
        typer.Option(help="The axis, by a word or by a phrase for each end; repeat it."),
    ] = None,
    n_clusters: Annotated[
        int | None, typer.Option(help="How many clusters. Default: as many as are firm.")
    ] = None,
    feature: Annotated[
        list[int] | None, typer.Option(help="Number of a feature to group by; repeat it.")
    ] = None,
    without: Annotated[
        list[int] | None, typer.Option(help="Number of a feature to leave out; repeat it.")
    ] = None,
    n_features: Annotated[int, typer.Option(help="Features that each phrase stands for.")] = 300,
    group: Group = None,
    words: Annotated[bool, typer.Option(help="Tell clusters by words, too.")] = True,
    min_support: MinSupport = 5,
    evidence: EvidenceTexts = None,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """How do these texts group along an axis that I name?"""
    import corpuscope as cs

    check_at_least(2, "leave it out to have it chosen", n_clusters=n_clusters)
    check_at_least(1, n_features=n_features, min_support=min_support)
    early.check_stores(store, columns=[group])
    found = cs.cluster(
        [cs.open_store(path) for path in store], along=along or None, n_clusters=n_clusters,
        features=feature or (), without=without or (), n_features=n_features, group=group,
        words=words, min_support=min_support, evidence=_EVIDENCE if evidence is None else evidence,
        rename=rename, seed=seed,
    )  # fmt: skip
    show_clusters.cluster(
        found, as_json=json, n_evidence=_PRINTED if evidence is None else evidence
    )
    if plot:
        show.save_plot(found, plot)


def search(
    store: AStore,
    phrase: Annotated[
        str | None, typer.Argument(help="The property, in plain words and in quotes.")
    ] = None,
    also: Also = None,
    like: Annotated[
        list[str] | None, typer.Option(help="Id of a text that has it; repeat it.")
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option(help="Id of a text that has it not; repeat it.")
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(metavar="FEATURE=WEIGHT", help="How much a feature counts; repeat it."),
    ] = None,
    using: Annotated[
        list[str] | None,
        typer.Option(help="Rank by features, dense or words; repeat it. Default: all three."),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--n", help="Texts wanted.")] = 10,
    n_features: Annotated[int, typer.Option(help="Features searched for at most.")] = 100,
    temperature: Annotated[
        float, typer.Option(help="The smaller, the more the first features count.")
    ] = 0.5,
    rename: Rename = True,
    seed: Annotated[int, typer.Option(help="Tells equals apart.")] = 0,
    plot: Plot = None,
    json: Json = False,
) -> None:
    """Which texts have this property?"""
    import corpuscope as cs

    check_is_asked(phrase, like=like or (), unlike=unlike or (), n_weights=len(weight or []))
    check_among(METHODS, using=using)
    check_at_least(1, n=n, n_features=n_features)
    early.check_stores([store, *(also or [])])
    with show_learning.counting("texts embedded") as progress:
        found = cs.search(
            [cs.open_store(path) for path in (store, *(also or ()))], phrase,
            like=like or (), unlike=unlike or (), weights=_weights(weight or []),
            using=using or METHODS, n=n, n_features=n_features,
            temperature=temperature, rename=rename, seed=seed, progress=progress,
        )  # fmt: skip
    show_hits.search(found, as_json=json)
    if plot:
        show.save_plot(found, plot)


def _weights(given: list[str]) -> dict[int, float]:
    """Of `12=0.5` the feature 12 and its weight."""
    found = {}
    for one in given:
        feature, _, weight = one.partition("=")
        try:
            found[int(feature)] = float(weight)
        except ValueError:
            raise typer.BadParameter(f"--weight {one}: not like 12=0.5") from None
    return found


def info(
    store: Annotated[Path, typer.Argument(help="A store's folder.")], json: Json = False
) -> None:
    """What a store holds and how it came to be."""
    import corpuscope as cs

    show.store(cs.open_store(store), command="info", parameters={}, as_json=json)


def doctor(json: Json = False) -> None:
    """Is everything there that corpuscope needs? Asks no network."""
    from corpuscope.cli.doctor import examine

    show.doctor(examine(Path.cwd()), as_json=json)

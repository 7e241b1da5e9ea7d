"""Which features co-occur that one would not expect to?

1. All pairs of features with a high NPMI and enough support are found exactly.
2. A pair must also reach the NPMI within documents of similar length (and strata), and within
   large parts of the corpus, such as its sources. p-values are conditional on length strata, and
   on parts that a column names.
3. Pairs that peak at the same positions are dropped as one property under two names, and so are
   features that peak inside words. Pairs in the same documents form one family.
4. q-values account for discreteness: the expected number of null pairs at a p-value, over all
   pairs of features, divided by the number observed.
5. A finding must co-occur more often than chance in both halves of a random split.
6. If documents are variations on the same prompts or topics, a pair must be found within these, and
   in many of them.
7. A pair is unexpected if its features are no more similar than most random pairs of this
   corpus' features.

Rationale: `docs/correlate.md`.
"""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from corpuscope.analyses.comparison.holdout import blocks_of, held_out
from corpuscope.analyses.comparison.tested_features import kind_of, label_of
from corpuscope.analyses.correlate.dependent import dependent_documents
from corpuscope.analyses.correlate.finding import Candidate, PairFinding, PairMember
from corpuscope.analyses.correlate.pair_selection import FoundPairs, find_pairs
from corpuscope.analyses.correlate.pair_statistics import (
    PairStatistics,
    as_pairs,
    lifts,
    pair_statistics,
)
from corpuscope.analyses.correlate.parts import Parts, corpus_parts, parts_warnings
from corpuscope.analyses.correlate.result import CorrelateResult, named_by_dictionary
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.views import View, joined_views, strata_codes, view_of
from corpuscope.analyses.results.base import in_order
from corpuscope.analyses.results.naming import Names
from corpuscope.errors import GroupNotFound
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, NumberPerPair, PerDocument
from corpuscope.statistics.rates.lengths import length_quantiles, length_strata
from corpuscope.store.joined import Stores

_PARAMETERS = (
    "by", "among", "one_per", "group", "strata", "within", "parts", "words", "features",
    "min_npmi", "min_support", "unexpected_below", "q", "holdout", "evidence", "level",
    "max_findings", "rename", "finds_group", "seed",
)  # fmt: skip

_LEAST_IN_A_GROUP = 20

# Not narrower: with rare features, a small stratum of one text would seem to explain the pair.
_LIKE_LENGTHS = 1.5


def correlate(
    store: Stores,
    other: Stores | None = None,
    *,
    by: str | None = None,
    among: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
    one_per: str | None = None,
    group: str | None = None,
    strata: Sequence[str] = (),
    within: Sequence[str] = (),
    min_npmi: float = 0.3,
    q: float = 0.05,
    settings: CorrelateSettings | None = None,
) -> CorrelateResult:
    """Pairs of features that co-occur in documents more often than expected by chance.

    Args:
        store: The store to read. Several stores of one dictionary are read as one.
        other: Another view of the same documents, joined by id: pairs then combine a feature of
            `store` with one of `other`, such as prompts with their answers.
        by: Column of groups; the NPMI is also reported within each.
        among: Mask of the documents of `store` to include; None includes all.
        one_per: Column of which each value counts once, by one random document, such as the
            prompt if several models answer each.
        group: Column that identifies dependent documents of `store`, such as prompts or authors;
            significance is based on the effective number of its values, not of documents.
        strata: Covariates to control for in addition to length, such as a topic.
        within: Columns of large parts of the corpus, such as sources; pairs that merely reflect
            these are excluded. Controlled for separately from length, not crossed with it.
        min_npmi: Minimum NPMI, in [0, 1), both raw and adjusted.
        q: False discovery rate.
        settings: Further options, such as `CorrelateSettings(words=True)`.

    Raises:
        ColumnNotFound: A column does not exist.
        GroupNotFound: `by` has fewer than two values.
        InputError: A number is out of range, `among` has the wrong length, or the ids of two
            stores do not match.
        NotEnoughData: There are too few distinct texts.

    Example:
        >>> found = correlate(prompts, answers)  # doctest: +SKIP
        >>> found.to_frame()  # doctest: +SKIP
    """
    settings = settings or CorrelateSettings()
    settings.check(q=q, min_npmi=min_npmi)
    seed = settings.seed
    strata, within = (
        [names] if isinstance(names, str) else list(names) for names in (strata, within)
    )
    one, two = NamedStore(store), None if other is None else NamedStore(other)
    rows = joined_views(one, two, among=among, one_per=one_per, seed=seed)
    left = view_of(one, rows.left, settings)
    right = left if two is None else view_of(two, rows.right, settings)
    strata_of = strata_codes([left.values(name) for name in strata], _lengths(left, right))
    held = corpus_parts(left, within=within, are_sought=settings.parts, seed=seed)
    named = [] if held is None or not held.columns else [held.codes]
    found_parts = None if held is None or held.columns else held.codes
    groups = None if by is None else _groups(left, by)
    dependent = dependent_documents(
        left, group=group, one_per=one_per, known=[by, *strata, *within],
        is_controlled=bool(within), settings=settings,
    )  # fmt: skip
    if dependent.within is not None:
        # Large parts would be made of the same documents.
        held, found_parts = Parts(dependent.within), None
        named = [*named, dependent.within]
    parameters = {
        "by": by, "among": None if among is None else int(np.sum(among)), "one_per": one_per,
        "group": group, "strata": strata, "within": within, "min_npmi": min_npmi, "q": q,
    }  # fmt: skip
    similarity = Similarity(left, right, seed)
    found = find_pairs(
        left, right, divisions=[strata_of, *named], parts=found_parts,
        clusters=dependent.clusters, is_within_clusters=dependent.within is not None,
        is_held=_held(left, dependent.clusters, share=settings.holdout, seed=seed),
        min_npmi=min_npmi, q=q, similarity=similarity, settings=settings,
    )  # fmt: skip
    by_group = {} if groups is None else _by_group(left, right, found.pairs, groups)
    sources = [one] if two is None else [one, two]
    return CorrelateResult(
        candidates=_candidates(left, right, found, by_group, held),
        q=q,
        max_findings=settings.max_findings,
        unexpected_below=settings.unexpected_below,
        parameters=in_order(_PARAMETERS, parameters, asdict(settings)),
        store="+".join(str(each.path) for source in sources for each in source.stores),
        digest="+".join(source.digest for source in sources),
        n_documents=len(left.rows),
        n_possible=found.n_possible,
        n_reaching=found.n_reaching,
        n_explained=found.n_explained,
        n_divided=found.n_divided,
        n_parts=1 if held is None else len(held),
        n_same_places=found.n_same_places,
        n_spelling=found.n_spelling,
        warnings=(*(w for source in sources for w in source.warnings), *rows.warnings,
                  *_left_out(found), *dependent.warnings,
                  *([] if dependent.within is not None else parts_warnings(
                      left, held, found.n_divided, found.n_significant))),
        suggested_group=dependent.suggested,
        views=(left, right),
        names=_names(left, right, rename=settings.rename),
        similarity=similarity,
        n_evidence=settings.evidence,
    )  # fmt: skip


def _lengths(left: View, right: View) -> PerDocument:
    """Length strata; with two views, coarser strata of both lengths crossed."""
    if left is right:
        return length_strata(left.n_tokens, ratio=_LIKE_LENGTHS)
    one, two = (length_quantiles(view.n_tokens) for view in (left, right))
    both: PerDocument = one * (int(two.max(initial=0)) + 1) + two
    return both


def _groups(view: View, by: str) -> dict[str, DocumentMask]:
    # v != v holds for NaN only.
    values = np.array([None if v is None or v != v else str(v) for v in view.values(by)], object)
    names = sorted({value for value in values if value is not None})
    if len(names) < 2:
        raise GroupNotFound(
            f"the column {by!r} has {len(names)} values",
            expected="at least two groups",
            next_step="name a column with at least two values, or omit by",
        )
    return {name: values == name for name in names}


def _held(view: View, clusters: PerDocument | None, *, share: float, seed: int) -> DocumentMask:
    """Mask of the held-out documents; clusters are not split."""
    ids = view.source.ids[view.rows]
    nothing = np.zeros(len(ids), dtype=np.int64)
    blocks = np.arange(len(ids), dtype=np.int64) if clusters is None else clusters
    return held_out(blocks_of(blocks), groups=nothing, ids=ids, share=share, seed=seed)


def _by_group(
    left: View, right: View, pairs: PairStatistics, groups: dict[str, DocumentMask]
) -> dict[str, PairStatistics]:
    """Pair statistics within each group with enough documents."""
    everyone = np.zeros(len(left.rows), dtype=np.int64)
    return {
        name: pair_statistics(left, right, as_pairs(pairs), strata=everyone, among=mask)
        for name, mask in groups.items()
        if mask.sum() >= _LEAST_IN_A_GROUP
    }


def _heterogeneity(by_group: dict[str, PairStatistics]) -> NumberPerPair | None:
    """p-values of Cochran's Q test of equal NPMI in all groups; None with fewer than two.

    Source: Cochran 1954, Biometrics 10.
    """
    if len(by_group) < 2:
        return None
    # Mid-point and standard error of each 95 % interval, weighted by inverse variance.
    middle = np.stack([(one.lower + one.upper) / 2 for one in by_group.values()])
    error = np.stack([(one.upper - one.lower) / (2 * 1.96) for one in by_group.values()])
    weight = 1 / np.maximum(error, 1e-6) ** 2
    mean = (weight * middle).sum(axis=0) / weight.sum(axis=0)
    p: NumberPerPair = chdtrc(len(by_group) - 1, (weight * (middle - mean) ** 2).sum(axis=0))
    return p


def _candidates(
    left: View,
    right: View,
    found: FoundPairs,
    by_group: dict[str, PairStatistics],
    held: Parts | None,
) -> tuple[Candidate, ...]:
    n = len(left.rows)
    pairs, differ = found.pairs, _heterogeneity(by_group)
    lift = lifts(left, right, pairs, np.zeros(n, dtype=np.int64))
    lift_within = lift * np.nan if held is None else lifts(left, right, pairs, held.codes)
    answer = []
    for at in range(len(pairs)):
        columns = int(pairs.left[at]), int(pairs.right[at])
        family = found.members[at]
        members = tuple(zip(family.left.tolist(), family.right.tolist(), strict=True))
        one, other = (
            named_by_dictionary(view, column)
            for view, column in zip((left, right), columns, strict=True)
        )
        finding = PairFinding(
            feature_a=left.columns.name(columns[0]),
            feature_b=right.columns.name(columns[1]),
            kind_a=kind_of(left.source, left.columns, columns[0]),
            kind_b=kind_of(right.source, right.columns, columns[1]),
            label_a=one.label,
            label_b=other.label,
            label_score_a=one.score,
            label_score_b=other.score,
            label_source_a=one.source,
            label_source_b=other.source,
            members=tuple(_member(left, right, pair) for pair in members),
            n_both=int(pairs.both[at]),
            share_apart=float(found.apart[at]),
            rate_a=float(pairs.n_left[at] / n),
            rate_b=float(pairs.n_right[at] / n),
            rate_both=float(pairs.both[at] / n),
            npmi=float(pairs.npmi[at]),
            interval=(float(pairs.lower[at]), float(pairs.upper[at])),
            npmi_adjusted=float(pairs.adjusted[at]),
            lift=float(lift[at]),
            lift_within=float(lift_within[at]),
            p_value=float(pairs.p[at]),
            q_value=float(found.q[at]),
            replicated=bool(found.replicated[at]),
            label_similarity=np.nan,
            similarity_rank=np.nan,
            unexpected=False,
            groups={name: float(one.npmi[at]) for name, one in by_group.items()},
            groups_p=np.nan if differ is None else float(differ[at]),
        )
        answer.append(Candidate(columns, members, finding, bool(found.is_phrase[at])))
    return tuple(answer)


def _member(left: View, right: View, pair: tuple[int, int]) -> PairMember:
    return PairMember(
        left.columns.name(pair[0]),
        right.columns.name(pair[1]),
        label_of(left.source, left.columns, pair[0]),
        label_of(right.source, right.columns, pair[1]),
    )


def _names(left: View, right: View, *, rename: bool) -> tuple[Names, Names]:
    made: list[Names] = []
    for view in (left,) if left is right else (left, right):
        documents = np.zeros(view.source.n_documents, dtype=bool)
        documents[view.rows] = True
        made.append(Names(view.source, documents, here=rename))
    return made[0], made[-1]


def _left_out(found: FoundPairs) -> list[str]:
    if not found.n_left_out:
        return []
    return [
        f"{found.n_left_out:,} lower-ranked pairs were not examined; raise min_npmi or "
        "min_support to reduce the number of pairs"
    ]

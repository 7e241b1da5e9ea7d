"""What a feature is in these documents: names, rates, strengths, companions, contexts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.describe.described_store import (
    ColumnGroups,
    DescribedStore,
    described,
)
from corpuscope.analyses.describe.features.bands import Band, bands_of, groups_of_rows
from corpuscope.analyses.describe.features.companions import companions_of
from corpuscope.analyses.describe.features.contexts import contexts_of_word
from corpuscope.analyses.describe.features.feature_argument import feature_meant
from corpuscope.analyses.describe.features.feature_description import FeatureDescription
from corpuscope.analyses.describe.features.group_rates import group_rates, rate_interval
from corpuscope.analyses.describe.features.names import feature_name, kind_of, other_names
from corpuscope.analyses.describe.features.place import place_of_density, place_of_rate
from corpuscope.analyses.describe.histograms import Histogram, histogram
from corpuscope.labels.contexts import present_rows
from corpuscope.ranges import check_at_least
from corpuscope.store.joined import Stores

_MOST_COUNTED = 50


def describe_feature(
    store: Stores,
    feature: int | str,
    *,
    by: str | None = None,
    n: int = 4,
    around: int = 80,
    rename: bool = True,
) -> FeatureDescription:
    """A feature: its names, how often and how strongly it is there, contexts strong and weak.

    Args:
        store: The store. Several stores of one dictionary are read as one.
        feature: The number of a dictionary feature, or a word feature such as "of course".
        by: A column: the feature's rate in each of its groups is told, too.
        n: The most contexts of each of five bands of strength.
        around: Characters of the text on either side of a context.
        rename: Whether to name it and its companions from these documents, as questions do;
            otherwise they have the dictionary's names.

    Cost: tens of milliseconds; the first call for a store reads all texts and strengths, and with
    `rename` draws what features are named against.

    Raises:
        InputError: There is no such feature, or a number is out of range.
        ColumnNotFound: There is no such column.
        FeatureMismatch: The stores were read with different dictionaries.

    Example:
        >>> found = describe_feature(store, 812, by="version")  # doctest: +SKIP
        >>> found.name.label, found.n_present, found.bands[0].contexts[0].excerpt  # doctest: +SKIP
    """
    check_at_least(0, n=n, around=around)
    here = described(store)
    meant = feature_meant(here, feature)
    groups = None if by is None else here.groups(by)
    seen = _seen(here, meant, n=n, around=around, groups=groups)
    rate = len(seen.rows) / max(here.n_documents, 1)
    name = feature_name(here, meant, rename=rename)
    return FeatureDescription(
        parameters={"feature": meant, "by": by, "n": n, "around": around, "rename": rename},
        store=str(here.store.path),
        digest=here.store.digest,
        n_documents=here.n_documents,
        warnings=tuple(here.store.warnings),
        feature=meant,
        kind=kind_of(here, meant),
        name=name,
        other_names=other_names(here, meant, name),
        n_present=len(seen.rows),
        rate=rate,
        rate_interval=rate_interval(len(seen.rows), here.n_documents),
        n_near=seen.n_near,
        density=np.nan if isinstance(meant, str) else float(here.densities[meant]),
        threshold=seen.threshold,
        strengths=seen.strengths,
        rate_among=place_of_rate(here, rate),
        density_among=None if isinstance(meant, str) else place_of_density(here, meant),
        n_groups=0 if groups is None else len(groups.names),
        groups=() if groups is None else group_rates(groups, seen.rows),
        companions=companions_of(here, meant, seen.rows, rename=rename),
        bands=seen.bands,
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """Where a feature is, and contexts of it."""

    rows: npt.NDArray[np.int64]
    n_near: int
    threshold: float
    strengths: Histogram | None
    bands: tuple[Band, ...]


def _seen(
    here: DescribedStore, meant: int | str, *, n: int, around: int, groups: ColumnGroups | None
) -> _Seen:
    if isinstance(meant, str):
        return _word_seen(here, meant, n=n, around=around, groups=groups)
    found = here.store.strengths().of_feature(meant)
    rows = present_rows(here.store, meant).astype(np.int64)
    threshold = float(here.store.thresholds[meant])
    return _Seen(
        rows, len(found.rows) - len(rows), threshold,
        histogram(found.strengths, edge_at=threshold),
        bands_of(here, meant, n=n, around=around, groups=groups),
    )  # fmt: skip


def _word_seen(
    here: DescribedStore, word: str, *, n: int, around: int, groups: ColumnGroups | None
) -> _Seen:
    """A word feature has occurrences in the place of strengths, and no bands."""
    rows = here.words.rows(word)
    numbers = here.texts[rows]
    # Each text once, spread over all.
    distinct = rows[np.sort(np.unique(numbers, return_index=True)[1])]
    wanted = min(len(distinct), max(_MOST_COUNTED, 5 * n))
    drawn = distinct[np.linspace(0, len(distinct) - 1, wanted).round().astype(np.int64)]
    n_copies = [int(np.count_nonzero(numbers == number)) for number in here.texts[drawn]]
    contexts = contexts_of_word(
        here.store, word, drawn, n_copies=n_copies, around=around,
        groups=groups_of_rows(groups, drawn),
    )  # fmt: skip
    counts = np.array([one.strength for one in contexts])
    shown = np.linspace(0, len(contexts) - 1, min(5 * n, len(contexts))).round().astype(int)
    band = Band(
        "with the word", float(counts.min()), float(counts.max()), len(rows), len(distinct),
        tuple(contexts[at] for at in shown.tolist()),
    )  # fmt: skip
    return _Seen(rows, 0, np.nan, histogram(counts), (band,))

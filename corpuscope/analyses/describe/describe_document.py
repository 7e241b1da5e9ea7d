"""What is in a document: its text with every feature that is present, and documents like it."""

from dataclasses import asdict

import numpy as np

from corpuscope.analyses.describe.described_store import DescribedStore, described
from corpuscope.analyses.describe.documents.document_description import (
    DocumentDescription,
    Nearest,
    Partner,
    PresentFeature,
)
from corpuscope.analyses.describe.documents.text_window import row_of, shown_text
from corpuscope.analyses.describe.features.names import named_features
from corpuscope.embedding.documents import are_at_hand, open_document_vectors
from corpuscope.ranges import check_at_least
from corpuscope.store.joined import Stores
from corpuscope.store.lookup.document_features import document_features

WINDOW = 20_000
"""The most characters of a text that are shown at once."""

_MOST_PARTNERS = 50


def describe_document(
    store: Stores,
    id: str,
    *,
    pair: str | None = None,
    at: int = 0,
    window: int = WINDOW,
    nearest: int = 5,
    rename: bool = True,
) -> DocumentDescription:
    """A document: its text, and each feature that is present in it with the place of its peak.

    Args:
        store: The store. Several stores of one dictionary are read as one.
        id: The document.
        pair: A column: the other documents with the same value are told.
        at: The first character shown of a long text.
        window: The most characters shown. Features and roles are those of the whole text.
        nearest: How many documents with similar vectors are told, if the store has vectors.
        rename: Whether to name the thirty strongest features from these documents, as questions
            do; others have the dictionary's names.

    Cost: some milliseconds, and with `rename` a second.

    Raises:
        InputError: There is no such document, or a number is out of range.
        ColumnNotFound: There is no such column.
        FeatureMismatch: The stores were read with different dictionaries.

    Example:
        >>> found = describe_document(store, "q012/v2")  # doctest: +SKIP
        >>> [(one.label, one.over_threshold) for one in found.features[:3]]  # doctest: +SKIP
    """
    check_at_least(0, at=at, nearest=nearest)
    check_at_least(1, window=window)
    here = described(store)
    row, warnings = row_of(here, id)
    partners = [] if pair is None else partner_rows(here, row, pair)
    neighbours = _neighbours(here, row)
    return DocumentDescription(
        parameters={"id": id, "pair": pair, "at": at, "window": window, "nearest": nearest,
                    "rename": rename},
        store=str(here.store.path),
        digest=here.store.digest,
        n_documents=here.n_documents,
        warnings=(*here.store.warnings, *warnings),
        document=shown_text(here, row, at=at, window=window),
        previous=neighbours.get(row - 1),
        next=neighbours.get(row + 1),
        features=features_present(here, row, rename=rename),
        partners=tuple(_partner(here, one) for one in partners[:_MOST_PARTNERS]),
        n_partners=len(partners),
        nearest=_nearest(here, row, nearest),
    )  # fmt: skip


def features_present(here: DescribedStore, row: int, *, rename: bool) -> tuple[PresentFeature, ...]:
    """The dictionary features present in a document, by strength over threshold."""
    found = document_features(here.store, row)
    # Of thresholds of 0 all are infinitely far above; then strengths decide.
    order = np.lexsort((-found.strengths, -found.over_threshold))
    order = order[found.is_present[order]]
    over = np.where(np.isfinite(found.over_threshold), found.over_threshold, np.nan)
    names = named_features(here, found.features[order].tolist(), rename=rename)
    return tuple(
        PresentFeature(
            **asdict(name), strength=float(found.strengths[at]), over_threshold=float(over[at]),
            span=(int(found.spans[at, 0]), int(found.spans[at, 1])),
        )
        for name, at in zip(names, order.tolist(), strict=True)
    )  # fmt: skip


def partner_rows(here: DescribedStore, row: int, pair: str) -> list[int]:
    """The other documents with the same value of a column; none where it is missing."""
    codes = here.groups(pair).codes
    if codes[row] < 0:
        return []
    return [one for one in np.flatnonzero(codes == codes[row]).tolist() if one != row]


def _partner(here: DescribedStore, row: int) -> Partner:
    return Partner(here.store.ids_of([row])[0], here.store.metadata_of(row))


def _neighbours(here: DescribedStore, row: int) -> dict[int, str]:
    """The ids of the documents before and after, by row."""
    rows = [one for one in (row - 1, row + 1) if 0 <= one < here.n_documents]
    return dict(zip(rows, here.store.ids_of(rows), strict=True))


def _nearest(here: DescribedStore, row: int, n: int) -> tuple[Nearest, ...]:
    if not n or not are_at_hand(here.store):
        return ()
    vectors = open_document_vectors(here.store)
    similarity = vectors.similarity(vectors.mean_of(np.array([row])))
    similarity[row] = -np.inf
    n_shown = min(n, here.n_documents - 1)
    best = np.argpartition(-similarity, max(n_shown - 1, 0))[:n_shown]
    best = best[np.lexsort((best, -similarity[best]))]
    ids = here.store.ids_of(best)
    return tuple(
        Nearest(id, min(float(similarity[at]), 1.0)) for id, at in zip(ids, best, strict=True)
    )

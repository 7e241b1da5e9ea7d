"""Length shortcuts: longer texts, and texts truncated at one length."""

from collections.abc import Iterable

import numpy as np

from corpuscope.analyses.audit.shortcut import LENGTH, Shortcut, is_labelled
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, GroupNames, PerDocument
from corpuscope.statistics.clusters.clustered import clustered_ranks
from corpuscope.statistics.rates.length_spikes import length_spikes
from corpuscope.statistics.rates.rate_tests import two_rates_p, two_rates_z
from corpuscope.statistics.scores.discrimination import auroc, auroc_p

_NAN = float("nan")


def longer_texts(
    source: NamedStore,
    values: GroupNames,
    value: str,
    *,
    clusters: PerDocument | None,
    alpha: float,
) -> list[Shortcut]:
    """One shortcut if texts of a class are longer or shorter than the rest, in tokens."""
    rows = np.flatnonzero(is_labelled(values))
    lengths = source.n_tokens[rows].astype(np.float64)
    is_own = values[rows] == value
    z, p = auroc_p(lengths, is_own)
    if clusters is not None:
        # The more conservative of the plain and the cluster-robust rank test.
        z_of_clusters, p_of_clusters = clustered_ranks(lengths, is_own, clusters=clusters[rows])
        z, p = min(z, z_of_clusters, key=abs), max(p, p_of_clusters)
    if p > alpha:
        return []
    return [
        Shortcut(
            value, LENGTH, "longer texts" if z > 0 else "shorter texts", (), "length",
            float(np.median(lengths[is_own])), float(np.median(lengths[~is_own])),
            auroc(lengths, is_own), _NAN, _NAN, z, p,
        )
    ]  # fmt: skip


def cut_texts(
    source: NamedStore,
    values: GroupNames,
    classes: Iterable[str],
    *,
    min_support: int,
    alpha: float,
) -> list[Shortcut]:
    """Lengths in characters at which many texts of a class end, and fewer of the rest.

    Both must be significant: the spike among neighbouring lengths within the class, and the
    difference between the class and the rest.
    """
    lengths, hashes = _read(source)
    is_first = _is_first(hashes, is_labelled(values))
    of_class = {
        value: length_spikes(
            lengths[(values == value) & is_first], min_support=min_support, alpha=alpha
        )
        for value in classes
    }
    n_spikes = sum(map(len, of_class.values()))
    found = []
    for value, spikes in of_class.items():
        sides = (values == value, is_labelled(values) & (values != value))
        n_own, n_rest = (int((side & is_first).sum()) for side in sides)
        for spike in spikes:
            own, rest = (np.array([(side & is_first & (lengths == spike.length)).sum()])
                         for side in sides)  # fmt: skip
            # Bonferroni correction over the spikes of all classes.
            p = float(two_rates_p(own, n_own, rest, n_rest)[0]) * n_spikes
            z = float(two_rates_z(own, n_own, rest, n_rest)[0])
            if p <= alpha and z > 0:
                rates = float(own[0]) / n_own, float(rest[0]) / n_rest
                found.append(
                    Shortcut(
                        value, length_named(spike.length),
                        f"texts of exactly {spike.length:,} characters", (), "form", *rates,
                        0.5 + (rates[0] - rates[1]) / 2, _NAN, _NAN, z, max(p, spike.p_value),
                    )
                )  # fmt: skip
    return found


def characters(source: NamedStore) -> PerDocument:
    """Number of characters of each document."""
    return _read(source)[0]


def _read(source: NamedStore) -> tuple[PerDocument, PerDocument]:
    """Number of characters of each document, and a hash of its text."""
    found = [(len(text), hash(text)) for texts in source.text_batches() for text in texts]
    lengths, hashes = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return lengths, hashes


def _is_first(hashes: PerDocument, among: DocumentMask) -> DocumentMask:
    """Mask of the first occurrence of each text in a subset of the documents."""
    rows = np.flatnonzero(among)
    found = np.zeros(len(among), dtype=bool)
    found[rows[np.unique(hashes[rows], return_index=True)[1]]] = True
    return found


def length_named(n: int) -> str:
    """Pseudo-feature name for texts of exactly `n` characters."""
    return f"{LENGTH} {n}"


def length_of_name(feature: int | str) -> int | None:
    """The number of characters in a name from `length_named`; None for any other feature."""
    is_one = isinstance(feature, str) and feature.startswith(f"{LENGTH} ")
    return int(str(feature).removeprefix(f"{LENGTH} ")) if is_one else None

"""The background that features are named against, drawn and analysed once for each store and mask.

Drawing reads up to 20,000 documents, and is nearly all of the time that it takes to name one
feature. What is drawn depends on the store, the mask of documents, the number of units and the
seed; it is kept in memory and in the store's cache, where a change of the rules renews it.
"""

import functools
from collections import OrderedDict
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp

from corpuscope import labels
from corpuscope.corpus import texts
from corpuscope.durable import digest_of
from corpuscope.labels import traits
from corpuscope.labels.context import UnitKind
from corpuscope.labels.contexts import background
from corpuscope.labels.traits.trait_table import Background, TraitNames
from corpuscope.store.cache import check_lengths, check_starts, mapped, saved_array
from corpuscope.store.store import Store

__all__ = ["kept_background"]

_Mask = npt.NDArray[np.bool_] | None

# Of each store, the backgrounds asked for last; one of 20,000 units takes some 50 MB.
_MOST_KEPT = 4
_KEPT: WeakKeyDictionary[Store, "OrderedDict[str, Background]"] = WeakKeyDictionary()

_ARRAYS = ("rows", "starts", "traits")
_RULES = (
    (labels, ("context.py", "contexts.py", "word_forms.py")),
    (traits, ("sentence_traits.py", "token_traits.py", "trait_table.py")),
    (texts, ("stops.py", "unspaced.py", "words.py")),
)
"""Source files of the rules by which units are drawn and traits found."""


def kept_background(
    store: Store, kind: UnitKind, *, n: int, among: _Mask = None, seed: int = 0
) -> Background:
    """About `n` random units of a kind with their traits, as `contexts.background` draws them.

    Args:
        store: The store.
        kind: The type of the units.
        n: How many.
        among: Mask of the documents to use; None for all.
        seed: Random seed.

    Cost: some seconds the first time, then milliseconds. Disk: about a megabyte.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: There is no disk space for the cache.
    """
    name = f"background-{kind}-{n}-{seed}-{_name_of(among)}-{_rules_digest()}"
    kept = _KEPT.setdefault(store, OrderedDict())
    if name not in kept:
        kept[name] = _opened(store, name, kind, n=n, among=among, seed=seed)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    kept.move_to_end(name)
    return kept[name]


def _name_of(among: _Mask) -> str:
    """A name for a mask; all documents have one name, however they are given."""
    if among is None or among.all():
        return "all"
    return digest_of(np.packbits(among).tobytes())[:16]


@functools.cache
def _rules_digest() -> str:
    files = [Path(room.__file__ or "").parent / name for room, names in _RULES for name in names]
    return digest_of(b"".join(file.read_bytes() for file in files))[:8]


def _opened(
    store: Store, name: str, kind: UnitKind, *, n: int, among: _Mask, seed: int
) -> Background:
    def build(folder: Path) -> None:
        drawn = background(store, kind, n=n, among=among, seed=seed)
        _save(folder, Background.of(drawn, kind))

    folder = store.cached_folder(name, arrays=_ARRAYS, build=build)
    return _read(folder, kind, store.n_documents)


def _save(folder: Path, drawn: Background) -> None:
    saved_array(folder, "rows", drawn.rows)
    saved_array(folder, "starts", drawn.by_context.indptr.astype(np.int32))
    saved_array(folder, "traits", drawn.by_context.indices.astype(np.int32))
    table = pa.table({"name": pa.array(drawn.traits.names, pa.string())})
    pq.write_table(table, folder / "names.parquet")


def _read(folder: Path, kind: UnitKind, n_documents: int) -> Background:
    rows, starts, traits = (np.array(mapped(folder, name)) for name in _ARRAYS)
    names = pq.read_table(folder / "names.parquet")["name"].to_pylist()
    check_starts(starts, n_runs=len(rows), n_entries=len(traits))
    check_lengths(traits, len(names))
    check_lengths(rows, n_documents)
    ones = np.ones(len(traits), dtype=np.int8)
    table = sp.csr_array((ones, traits, starts), shape=(len(rows), len(names)))
    columns = {trait: at for at, trait in enumerate(names)}
    return Background.over(TraitNames(kind, names, columns), rows, table)

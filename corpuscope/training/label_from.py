"""Puts labels of others into a dictionary's folder."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from corpuscope.labels.foreign.attach import AttachedLabels, merged_labels
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelTarget, check_fit
from corpuscope.labels.meanings import is_name
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.files import save_dictionary, save_features
from corpuscope.sae.formats import load_dictionary
from corpuscope.store.attached import read_attached, save_attached

__all__ = ["attach_to_dictionary", "target_of_dictionary"]

# What belongs to a label, and is emptied with it.
_OF_LABEL = ("score_low", "baseline_score", "n_trials")


def attach_to_dictionary(
    dictionary: str | Path, labels: ForeignLabels, *, into: str | Path | None = None
) -> AttachedLabels:
    """Put labels of others into a dictionary; stores that are extracted with it have them.

    Labels that people gave stay. Labels from words give way to the new ones, and are kept beside
    them in `labels.parquet` with all labels of others. Activations do not depend on labels.

    Args:
        dictionary: The dictionary's folder, or `builtin`.
        labels: The labels.
        into: A new folder for the labelled dictionary, in corpuscope's format; needed if the
            dictionary is of another format or built in. By default its own folder.

    Raises:
        FeatureMismatch: The labels are of another dictionary.
        DictionaryError: The folder cannot be written to, or `into` exists.
    """
    found = load_dictionary(dictionary)
    check_fit(labels.table, labels.origin, target_of_dictionary(found, str(dictionary)))
    folder = Path(into if into is not None else dictionary)
    earlier = read_attached(folder) if into is None else None
    table = found.features.to_pandas()
    merged = merged_labels(_with_own(table, earlier), labels.table)
    labelled = replace(found, features=_features(table, merged))
    if into is None:
        save_features(labelled, folder)
    else:
        save_dictionary(labelled, folder)
    save_attached(folder, merged)
    return AttachedLabels(
        labels.format, labels.origin.sae_id, merged, found.n_features, labels.counts,
        labels.skipped,
    )  # fmt: skip


def target_of_dictionary(dictionary: Dictionary, name: str) -> LabelTarget:
    """What a dictionary says of itself, for comparison with what labels are of."""
    known = dictionary.about.get("neuronpedia")
    return LabelTarget(
        name=name,
        n_features=dictionary.n_features,
        model=dictionary.reader_name,
        layers=tuple(layer for part in dictionary.parts for layer in part.layers),
        sae_id=known if isinstance(known, str) else None,
    )


def _with_own(features: pd.DataFrame, earlier: pd.DataFrame | None) -> pd.DataFrame | None:
    """The labels attached earlier, and those that the dictionary has from elsewhere."""
    if "label" not in features:
        return earlier
    given = features.get("label_source", pd.Series(None, index=features.index, dtype=object))
    sources = given.fillna("unknown")
    known = set() if earlier is None else set(earlier["source"])
    own = features[features["label"].map(is_name) & ~sources.isin(known)]
    if own.empty:
        return earlier
    scores = own["score"].tolist() if "score" in own else [None] * len(own)
    made = label_table(
        own["feature"].tolist(),
        own["label"].tolist(),
        {"source": sources[own.index].tolist(), "score": scores, "score_kind": "trials"},
    )
    return made if earlier is None else pd.concat([earlier, made], ignore_index=True)


def _features(table: pd.DataFrame, merged: pd.DataFrame) -> pa.Table:
    """The table of features with the labels that are shown."""
    shown = merged[merged["is_shown"]].set_index("feature").reindex(table["feature"])
    before = table["label"] if "label" in table else pd.Series([None] * len(table))
    is_new = (shown["label"].notna() & (shown["label"].to_numpy() != before.to_numpy())).to_numpy()
    made = table.copy()
    made["label"] = shown["label"].to_numpy()
    made["label_source"] = shown["source"].to_numpy()
    made["score"] = shown["score"].to_numpy(dtype=float)
    for column in _OF_LABEL:
        if column in made:
            made.loc[is_new, column] = None
    return pa.Table.from_pandas(made, preserve_index=False)

"""Attaches labels of others to a store: all are kept, and one of a feature is shown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from corpuscope.labels.foreign.label_table import ForeignLabels, best_labels
from corpuscope.labels.foreign.origin import LabelTarget, check_fit
from corpuscope.labels.foreign.trials import phrase_trials, reading_trials, with_trials
from corpuscope.llm.client import LLM
from corpuscope.store.attached import read_attached, save_attached
from corpuscope.store.store import Store

__all__ = [
    "AttachedLabels",
    "attach_labels",
    "labels_of",
    "merged_labels",
    "score_attached",
    "target_of_store",
]


@dataclass(frozen=True, eq=False)
class AttachedLabels:
    """What became of labels that were attached.

    Attributes:
        format: How they were written.
        sae_id: The dictionary that they are of, as their source calls it; None if it does not say.
        labels: All labels attached so far, from this source and others, with `is_shown`.
        n_features: The size of the dictionary.
        counts: How many rows of this source have each status: `ok`, `empty`, `unparsed`,
            `withheld`.
        skipped: What could not be used, in words, and how often.
        trials: The trials of labels on this store's texts, a row for each feature tested.
    """

    format: str
    sae_id: str | None
    labels: pd.DataFrame
    n_features: int
    counts: Mapping[str, int]
    skipped: Mapping[str, int]
    trials: pd.DataFrame | None = None

    @property
    def shown(self) -> pd.DataFrame:
        """The labels that are shown, one for a feature."""
        return self.labels[self.labels["is_shown"]]

    @property
    def warnings(self) -> list[str]:
        """What a reader of results should know."""
        found = [f"{n:,} {what}" for what, n in self.skipped.items()]
        if n := self.counts.get("withheld"):
            found.append(
                f"labels of {n:,} features were withheld by their source: what differs in these "
                "is shown by number"
            )
        return found

    def to_json(self) -> dict[str, Any]:
        """The figures, as JSON values."""
        return {
            "format": self.format,
            "sae_id": self.sae_id,
            "n_features": self.n_features,
            "n_labels": int((self.labels["status"] == "ok").sum()),
            "n_shown": int(self.labels["is_shown"].sum()),
            "sources": self.shown["source"].value_counts().to_dict(),
            "counts": dict(self.counts),
            "skipped": dict(self.skipped),
            "warnings": self.warnings,
            "trials": None if self.trials is None else _rows(self.trials),
        }


def attach_labels(store: Store, labels: ForeignLabels) -> AttachedLabels:
    """Attach labels to a store, which shows them from the next time that it is opened.

    Labels of the same source that were attached before are replaced; those of other sources stay.
    The store's documents and strengths do not change.

    Args:
        store: The store.
        labels: The labels.

    Raises:
        FeatureMismatch: The labels are of another dictionary.
        StorageFull: There is no disk space.
    """
    check_fit(labels.table, labels.origin, target_of_store(store))
    merged = merged_labels(read_attached(store.path), labels.table)
    save_attached(store.path, merged)
    return AttachedLabels(
        labels.format, labels.origin.sae_id, merged, store.n_features, labels.counts,
        labels.skipped,
    )  # fmt: skip


def score_attached(
    store: Store,
    attached: AttachedLabels,
    features: Iterable[int],
    *,
    llm: LLM | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> AttachedLabels:
    """Test attached labels on the store's own texts, beside names from words.

    A label that does clearly worse than the name from words is no longer shown, but kept.

    Args:
        store: The store.
        attached: What was attached.
        features: The features whose labels are tested; those without one are left out.
        llm: Who tests them by reading; None for trials by embedding.
        seed: The random seed.
        progress: Callback (n_done, n_total) over features or answers.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    labels = labels_of(attached, features)
    if not labels:
        return attached
    if llm is None:
        trials = phrase_trials(store, labels, seed=seed, progress=progress)
    else:
        trials = reading_trials(store, labels, llm, seed=seed, progress=progress)
    table = with_trials(attached.labels, trials)
    save_attached(store.path, table)
    return replace(attached, labels=table, trials=trials)


def labels_of(attached: AttachedLabels, features: Iterable[int]) -> dict[int, str]:
    """The labels shown of these features."""
    shown = attached.shown
    chosen = shown[shown["feature"].isin(list(features))]
    return {int(f): str(label) for f, label in zip(chosen["feature"], chosen["label"], strict=True)}


def merged_labels(earlier: pd.DataFrame | None, new: pd.DataFrame) -> pd.DataFrame:
    """Labels attached earlier with new ones in place of those of the same source.

    `is_shown` is true of the best label of each feature.
    """
    table = new
    if earlier is not None:
        kept = earlier[~earlier["source"].isin(new["source"].unique())]
        table = pd.concat([one for one in (kept, new) if len(one)], ignore_index=True)
    table = table.reset_index(drop=True)
    return table.assign(is_shown=table.index.isin(best_labels(table).index))


def target_of_store(store: Store) -> LabelTarget:
    """What is known of the dictionary of a store."""
    about = store.provenance.get("dictionary")
    parts = about.get("parts", ()) if isinstance(about, Mapping) else ()
    reader = store.provenance.get("reader")
    name = reader.get("name") if isinstance(reader, Mapping) else None
    return LabelTarget(
        name=str(store.path),
        n_features=store.n_features,
        model=str(name) if name else None,
        layers=tuple(int(layer) for part in parts for layer in part.get("layers", ())),
    )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON values, None for what is missing."""
    return [
        {str(name): None if value != value else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]

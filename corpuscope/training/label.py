"""Labels a dictionary's features from a corpus, and scores the labels."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.extraction.extract import extract
from corpuscope.extraction.progress import Report
from corpuscope.labels.from_words import label_features
from corpuscope.reader.language_model import LanguageModel
from corpuscope.sae.dictionary import Dictionary, Unit
from corpuscope.sae.formats import load_dictionary

_COLUMNS = ("label", "label_source", "score", "score_low", "baseline_score", "n_trials")


@dataclass(frozen=True, slots=True)
class NameScores:
    """How well labels identify contexts with their feature; chance is 1/11.

    Attributes:
        uniform: The mean over features with a score.
        weighted: The mean weighted by density, so that every firing counts the same. Features
            without a score are left out.
        left_out: The share of firings that this mean leaves out, in [0, 1]: those of features
            without a score, such as features in nearly every document, for which there are no
            contexts without the feature to compare with.
        n_scored: How many features have a score.
        named_share: The share of live features that have a label.
    """

    uniform: float
    weighted: float
    left_out: float
    n_scored: int
    named_share: float

    def to_json(self) -> dict[str, float | None]:
        """The scores as JSON values; None where there is nothing to average."""
        found = asdict(self)
        return {name: None if value != value else value for name, value in found.items()}


def with_names(
    dictionary: Dictionary | str | Path,
    corpus: Corpus,
    *,
    reader: LanguageModel | None = None,
    n_contexts: int = 60,
    seed: int = 0,
    progress: Report | bool | None = None,
    on_feature: Callable[[int, int], None] | None = None,
) -> Dictionary:
    """The dictionary with features labelled by the words of these texts, each label scored.

    Existing labels and scores are replaced, except labels given by people or a language model.
    Activations do not depend on labels: stores that were read with the dictionary stay valid.

    Args:
        dictionary: The dictionary, or its folder.
        corpus: The texts in which its features are examined.
        reader: The language model; by default the one that the dictionary names.
        n_contexts: How many contexts of a feature, at most, its label is made and scored from.
        seed: Random seed of the choice of contexts.
        progress: Callback for progress; True draws a bar on standard error.
        on_feature: Callback with the number of features labelled so far, and of all.

    Raises:
        What `extract` raises.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    with tempfile.TemporaryDirectory() as place:
        store = extract(
            corpus, into=Path(place) / "named.scope", dictionary=found, reader=reader,
            progress=progress,
        )  # fmt: skip
        names = label_features(store, n_contexts=n_contexts, seed=seed, progress=on_feature)
    return with_labels(found, names)


def with_labels(dictionary: Dictionary, labels: pd.DataFrame) -> Dictionary:
    """The dictionary with the labels of a table, from whatever source.

    Labels given by people or a language model are replaced only by such labels, never by labels
    made from words.

    Args:
        dictionary: The dictionary.
        labels: A row for each labelled feature: `feature`, `label` and `label_source`, and where
            labels were scored `score`, `score_low`, `baseline_score` and `n_trials`.

    Raises:
        InputError: A column is missing, or features are repeated or not in the dictionary.
    """
    table = dictionary.features.to_pandas().set_index("feature")
    _check_labels(labels, table.index)
    labels = labels.set_index("feature").reindex(index=table.index, columns=list(_COLUMNS))
    if "label_source" in table:
        given = table["label_source"].notna() & (table["label_source"] != "words")
        given &= labels["label_source"].isna() | (labels["label_source"] == "words")
        # A score belongs to its label, so the two stay together.
        kept = table.reindex(columns=list(_COLUMNS))
        labels = labels.astype(object).where(~given, kept.astype(object)).infer_objects()
    table[list(_COLUMNS)] = labels
    features = pa.Table.from_pandas(table.reset_index(), preserve_index=False)
    return replace(dictionary, features=features)


def _check_labels(labels: pd.DataFrame, known: pd.Index) -> None:
    missing = [name for name in ("feature", "label", "label_source") if name not in labels]
    if missing:
        found = f"a table of labels without the columns {missing}"
    elif labels["feature"].duplicated().any():
        repeated = labels["feature"][labels["feature"].duplicated()].iloc[0]
        found = f"a table of labels with the feature {repeated} more than once"
    elif not labels["feature"].isin(known).all():
        other = labels["feature"][~labels["feature"].isin(known)].iloc[0]
        found = f"a label of the feature {other}, which the dictionary does not have"
    else:
        return
    raise InputError(
        found,
        expected="one row for each labelled feature: feature, label and label_source",
        next_step="correct the table",
    )


def name_scores(dictionary: Dictionary) -> dict[Unit, NameScores]:
    """For each unit the label scores, and the share of features that have a label.

    Raises:
        NotEnoughData: The dictionary has no scores.
    """
    table = dictionary.features.to_pandas()
    if "score" not in table or table["score"].notna().sum() == 0:
        raise NotEnoughData(
            "a dictionary without scored labels",
            expected="labels with scores",
            next_step="label it first: corpuscope label DICTIONARY CORPUS",
        )
    return {part.unit: _scores(table[table["kind"] == part.unit]) for part in dictionary.parts}


def _scores(table: pd.DataFrame) -> NameScores:
    is_scored = table["score"].notna().to_numpy()
    live = table[table["density"] > 0]
    if not is_scored.any():
        return NameScores(float("nan"), float("nan"), float("nan"), 0, 0.0)
    firings = np.asarray(table["density"].fillna(0.0), dtype=np.float64)
    scores, weights = table["score"].to_numpy(dtype=np.float64)[is_scored], firings[is_scored]
    return NameScores(
        uniform=float(scores.mean()),
        weighted=float(np.average(scores, weights=weights)) if weights.sum() else np.nan,
        left_out=float(1 - weights.sum() / firings.sum()) if firings.sum() else np.nan,
        n_scored=len(scores),
        named_share=float(live["label"].notna().mean()) if len(live) else 0.0,
    )

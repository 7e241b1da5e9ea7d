"""Names for a dictionary's features, and how far they can be trusted, from a corpus."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import NotEnoughData
from corpuscope.extraction.extract import extract
from corpuscope.extraction.progress import Report
from corpuscope.labels.from_words import label_features
from corpuscope.reader.language_model import LanguageModel
from corpuscope.sae.dictionary import Dictionary, Unit
from corpuscope.sae.files import load_dictionary

_COLUMNS = ("label", "label_source", "score", "score_low", "baseline_score", "n_trials")


@dataclass(frozen=True, slots=True)
class NameScores:
    """How well names tell contexts with a feature from others; chance is 1/11.

    Attributes:
        uniform: The mean over features with a score.
        weighted: The mean over firings: features count by their densities. Those without a score
            are left out.
        left_out: The share of firings that this mean leaves out, in [0, 1]: of features without a
            score, such as those in nearly every document, beside which nothing can be set that
            is without them.
        n_scored: How many features have a score.
        named_share: The share of live features that have a name.
    """

    uniform: float
    weighted: float
    left_out: float
    n_scored: int
    named_share: float

    def to_json(self) -> dict[str, float | None]:
        """All of them as JSON values; None where there is nothing to average."""
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
    """The dictionary with names made from the words of these texts, each with its score.

    The names and scores that it had are replaced, except names that people or a language model
    gave. Numbers do not depend on names: stores that were read with it stay valid.

    Args:
        dictionary: The dictionary, or its folder.
        corpus: Where its features are looked at.
        reader: The language model; by default the one that the dictionary names.
        n_contexts: From how many places of a feature, at most, its name is made and tested.
        seed: Which places these are.
        progress: Is told how far reading has come; True draws a bar on standard error.
        on_feature: Is told how many features are named, of how many.

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
    table = found.features.to_pandas().set_index("feature")
    names = names.set_index("feature").reindex(table.index)
    if "label_source" in table:
        given = table["label_source"].notna() & (table["label_source"] != "words")
        names.loc[given, "label"] = table.loc[given, "label"]
        names.loc[given, "label_source"] = table.loc[given, "label_source"]
    table[list(_COLUMNS)] = names[list(_COLUMNS)]
    return replace(found, features=pa.Table.from_pandas(table.reset_index(), preserve_index=False))


def name_scores(dictionary: Dictionary) -> dict[Unit, NameScores]:
    """For each kind of unit how far the names can be trusted, and how common they are.

    Raises:
        NotEnoughData: The dictionary has no scores.
    """
    table = dictionary.features.to_pandas()
    if "score" not in table or table["score"].notna().sum() == 0:
        raise NotEnoughData(
            "a dictionary without scored names",
            expected="names with scores",
            next_step="name it first: corpuscope label DICTIONARY CORPUS",
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

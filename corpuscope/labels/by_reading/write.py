"""Names features by reading, and keeps the better of two names by the same trials."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corpuscope.labels.by_reading.material import FeatureMaterial, material_of_features
from corpuscope.labels.by_reading.prompts import (
    faults_of_label,
    naming_request,
    right_answers,
    trial_request,
)
from corpuscope.labels.by_reading.windows import detection_table
from corpuscope.labels.from_words import Labeller
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Answer, Request
from corpuscope.shapes import DocumentMask
from corpuscope.store.names import GivenName
from corpuscope.store.store import Store

__all__ = ["WrittenLabel", "given_names", "label_by_reading", "naming_requests", "words_labels"]

_N_CONTEXTS, _N_BACKGROUND = 50, 6_000
# Quotation marks around the whole name, and none within.
_WRAPPED = re.compile(r"""^["']([^"']*)["']$""")
CHANCE = 0.2
"""The share of trials that a name without meaning wins: one of five."""


@dataclass(frozen=True)
class WrittenLabel:
    """A name that somebody wrote after reading.

    Attributes:
        label: The name; empty if there is none.
        sentence: By which a passage is told to have the property.
        status: `ok`, `several` (more than one sense), `unclear`, or why there is none.
    """

    label: str
    sentence: str
    status: str


def label_by_reading(
    store: Store,
    features: Sequence[int],
    llm: LLM,
    *,
    among: DocumentMask | None = None,
    n_trials: int = 6,
    detection: bool = False,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> pd.DataFrame:
    """A name for each feature by reading, beside its name from words, tested by the same trials.

    A trial shows five marked places, of which one has the feature, two are of the features that
    most often accompany it, and two are random; chance is .2. The better name is the label; at a
    tie the written one, which readers prefer (`docs/labels.md`).

    Args:
        store: The store.
        features: Which features to name, such as the leaders of findings.
        llm: Who reads.
        among: The documents to use; None for all.
        n_trials: Trials of each name, at most.
        detection: Whether to have the label shown tested by detection and fuzzing as well, beside
            the label of another feature (`windows.detection_table`).
        seed: The random seed.
        progress: Callback with the purpose, the number of answers so far, and of all.

    Returns:
        A row for each feature: `feature`, `kind`, `label`, `label_source`, `sentence`, `status`,
        `score` and `n_trials` of the label, `written` and `written_score`, `words` and
        `words_score`. With `detection` also `detection`, `detection_low`, `detection_high`,
        `detection_by_frequency`, `fuzzing`, `detection_of_another`, and `is_trusted`: the interval
        of the label lies above .5 and above that of another feature's label.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    material = material_of_features(store, features, among=among, n_trials=n_trials, seed=seed)
    words = words_labels(store, features, among=among)
    written = _written(material, llm, progress)
    names = [
        (one, name)
        for one in material
        for name in (written[one.feature].label, words.get(one.feature, ""))
        if name and one.trials
    ]
    answers = llm.ask(
        [trial_request(name, one.trials) for one, name in names],
        progress=None if progress is None else lambda done, n: progress("test names", done, n),
    )
    scores = {
        (one.feature, name): float(np.mean(right_answers(one.trials, answer.value)))
        for (one, name), answer in zip(names, answers, strict=True)
        if answer.is_answered
    }
    model = next(iter(llm.receipt().models), llm.transport.asked.get("model", "unknown"))
    rows = [
        _row(one, written[one.feature], words.get(one.feature, ""), scores, f"llm: {model}")
        for one in material
    ]
    table = pd.DataFrame(rows)
    if not detection or table.empty:
        return table
    labels = {int(f): label for f, label in zip(table["feature"], table["label"], strict=True)}
    tested = detection_table(material, labels, llm, seed=seed, progress=progress)
    return table.merge(_detection_columns(tested), on="feature", how="left")


def _detection_columns(tested: pd.DataFrame) -> pd.DataFrame:
    """The scores of each feature's label, and whether another's does clearly worse."""
    own, other = (tested[tested["of"] == of].set_index("feature") for of in ("own", "shuffled"))
    kept = own[[
        "detection", "detection_low", "detection_high", "detection_by_frequency", "fuzzing",
    ]].copy()  # fmt: skip
    kept["detection_of_another"] = other["detection"]
    above = other["detection_high"].reindex(kept.index).fillna(0.0).clip(lower=0.5)
    kept["is_trusted"] = kept["detection_low"] > above
    return kept.reset_index()


def given_names(table: pd.DataFrame) -> list[GivenName]:
    """The names of such a table that reading gave, to be kept with the store."""
    return [
        GivenName(
            int(row["feature"]), row["label"], row["label_source"],
            None if np.isnan(row["score"]) else float(row["score"]), row["sentence"],
        )
        for _, row in table.iterrows()
        if row["label"] and row["label_source"] != "words"
    ]  # fmt: skip


def naming_requests(material: Sequence[FeatureMaterial]) -> list[Request]:
    """What is asked first; trials depend on the answers."""
    return [naming_request(one) for one in material]


def words_labels(
    store: Store, features: Sequence[int], *, among: DocumentMask | None = None
) -> dict[int, str]:
    """Names from words of these features, where there are any."""
    table = Labeller(store, among, _N_BACKGROUND, 0).labels(
        list(features), n_contexts=_N_CONTEXTS, copies=False
    )
    return {
        int(row["feature"]): row["label"]
        for _, row in table.iterrows()
        if isinstance(row["label"], str)
    }


def _written(
    material: Sequence[FeatureMaterial],
    llm: LLM,
    progress: Callable[[str, int, int], None] | None,
) -> dict[int, WrittenLabel]:
    """Names by reading; equal ones are asked for once more, with the twin named."""
    answers = llm.ask(
        naming_requests(material),
        progress=None if progress is None else lambda done, n: progress("name features", done, n),
    )
    found = {one.feature: _read(answer) for one, answer in zip(material, answers, strict=True)}
    twins: list[tuple[FeatureMaterial, str]] = []
    seen: dict[str, int] = {}
    for one in material:
        name = found[one.feature].label.lower()
        if name and name in seen:
            twins.append((one, found[one.feature].label))
        seen.setdefault(name, one.feature)
    again = llm.ask([naming_request(one, twin=name) for one, name in twins])
    for (one, name), answer in zip(twins, again, strict=True):
        other = _read(answer)
        if other.label and other.label.lower() != name.lower():
            found[one.feature] = other
    return found


def _read(answer: Answer) -> WrittenLabel:
    if not answer.is_answered:
        return WrittenLabel("", "", answer.status)
    value = answer.value
    label = _WRAPPED.sub(r"\1", " ".join(str(value["label"]).split()).rstrip("."))
    faults = list(faults_of_label(label))
    if faults or value["status"] == "unclear":
        return WrittenLabel("", "", "; ".join(faults) or "unclear")
    return WrittenLabel(label, " ".join(str(value["sentence"]).split()), str(value["status"]))


def _row(
    one: FeatureMaterial,
    written: WrittenLabel,
    words: str,
    scores: Mapping[tuple[int, str], float],
    source: str,
) -> dict[str, object]:
    own = scores.get((one.feature, written.label), np.nan) if written.label else np.nan
    other = scores.get((one.feature, words), np.nan) if words else np.nan
    # A name of one sense that no trial could test still says more than a number.
    is_written = bool(
        written.label
        and written.status == "ok"
        and (own >= other or (not words) or (np.isnan(other) and not np.isnan(own)))
    )
    label = written.label if is_written else words or None
    return {
        "feature": one.feature,
        "kind": one.kind,
        "label": label,
        "label_source": (source if is_written else "words") if label else None,
        "sentence": written.sentence if is_written else "",
        "status": written.status,
        "score": own if is_written else other,
        "n_trials": len(one.trials),
        "written": written.label or None,
        "written_score": own,
        "words": words or None,
        "words_score": other,
    }

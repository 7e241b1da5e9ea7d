"""Tests labels of others on a store's own texts, beside names from words on the same contexts.

A label in words of its own cannot be matched with words. In its place the phrase embedder picks,
of a held-out context with the feature and ten units without it, the one whose vector is nearest to
the label's. For sentences that works nearly as well as words do for names from words; for tokens
it says too little (`docs/labels.md` has figures), so that there only a language model decides.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.labels.by_reading.material import FeatureMaterial, material_of_features
from corpuscope.labels.by_reading.prompts import right_answers, trial_request
from corpuscope.labels.by_reading.write import words_labels
from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.contexts import background, collect_contexts, present_rows
from corpuscope.labels.from_words import Labeller
from corpuscope.labels.meanings import embedded_names
from corpuscope.labels.score import CHANCE, LabelScore, credits, interval_of
from corpuscope.labels.traits.token_traits import whole_word
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.shapes import PhraseVector, PhraseVectors
from corpuscope.store.store import Store

__all__ = ["phrase_trials", "reading_requests", "reading_trials", "with_trials"]

# As for names from words in the documents analysed, so that the contexts are the same.
_N_CONTEXTS, _N_WORDS_BACKGROUND = 50, 6_000
_N_OTHERS = 400
_N_OTHER_LABELS = 10
_HERE = "trials here"
_BY_PHRASES, _BY_READING = f"{_HERE}, by embedding", f"{_HERE}, by reading"
_TRIAL_COLUMNS = ("score_of_source", "kind_of_source", "n_trials", "is_worse_than_words")


def phrase_trials(
    store: Store,
    labels: Mapping[int, str],
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Trials of labels by their vectors, beside names from words on the same held-out contexts.

    Args:
        store: The store.
        labels: A label for each feature tested.
        seed: The random seed.
        progress: Callback (n_done, n_total) over features.

    Returns:
        A row for each feature: `feature`, `kind`, `label`; `score` with `score_low` and
        `score_high` (95 %) and `n_trials`; `score_of_others`, the mean of other features' labels
        on these trials; `is_supported`: the interval lies above chance (1/11) and above that;
        `words` and `words_score`; and `is_worse`: of a sentence feature, the name from words is
        clearly better. NaN without trials.

    Cost: about 20 sentences or words embedded for each feature, and 400 in all.
    """
    features = sorted(labels)
    contexts = collect_contexts(store, features, n=_N_CONTEXTS, seed=seed)
    found = Labeller(store, None, _N_WORDS_BACKGROUND, seed).labels(
        features, n_contexts=_N_CONTEXTS, copies=False
    )
    from_words = dict(zip(features, found.to_dict("records"), strict=True))
    vectors = dict(zip(features, embedded_names([labels[f] for f in features]), strict=True))
    drawn = {
        kind: background(store, kind, n=_N_OTHERS, seed=seed)
        for kind in dict.fromkeys(contexts[f].kind for f in features)
    }
    units = {kind: _embedded(found, kind) for kind, found in drawn.items()}
    rows = []
    for done, feature in enumerate(features, start=1):
        own = contexts[feature]
        is_without = ~np.isin([one.row for one in drawn[own.kind]], present_rows(store, feature))
        trials = _embedded(own.held_out, own.kind), units[own.kind][is_without]
        alike = [f for f in features if f != feature and contexts[f].kind == own.kind]
        others = [_score(vectors[f], *trials, seed).score for f in alike[:_N_OTHER_LABELS]]
        score = _score(vectors[feature], *trials, seed)
        words = from_words[feature]
        rows.append(_row(feature, own.kind, labels[feature], score, others)
                    | _beside(own.kind, score, words))  # fmt: skip
        if progress is not None:
            progress(done, len(features))
    return pd.DataFrame(rows)


def reading_trials(
    store: Store,
    labels: Mapping[int, str],
    llm: LLM,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Trials of labels by a language model, beside names from words on the same trials.

    A trial shows five marked places, as in `label_by_reading`; chance is .2. At a tie the label is
    kept, for written names read better.

    Args:
        store: The store.
        labels: A label for each feature tested.
        llm: Who reads.
        seed: The random seed.
        progress: Callback (n_done, n_total) over answers.

    Returns:
        A row for each feature: `feature`, `kind`, `label`, `score`, `n_trials`, `words`,
        `words_score` and `is_worse`. NaN without trials.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    material, words, asked = _asked(store, labels, seed)
    answers = llm.ask(
        [trial_request(name, one.trials) for one, name in asked],
        progress=progress,
    )
    scores = {
        (one.feature, name): float(np.mean(right_answers(one.trials, answer.value)))
        for (one, name), answer in zip(asked, answers, strict=True)
        if answer.is_answered
    }
    rows = []
    for one in material:
        own = scores.get((one.feature, labels[one.feature]), np.nan)
        other = scores.get((one.feature, words.get(one.feature, "")), np.nan)
        rows.append({
            "feature": one.feature, "kind": one.kind, "label": labels[one.feature], "score": own,
            "n_trials": len(one.trials), "words": words.get(one.feature), "words_score": other,
            "is_worse": bool(own < other), "score_kind": _BY_READING,
        })  # fmt: skip
    return pd.DataFrame(rows)


def reading_requests(store: Store, labels: Mapping[int, str], *, seed: int = 0) -> list[Request]:
    """What `reading_trials` asks."""
    return [trial_request(name, one.trials) for one, name in _asked(store, labels, seed)[2]]


def with_trials(labels: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Attached labels with what trials found: scores, and no label where words do better.

    Scores by embedding are kept for sentence features only. The source's own score of a label that
    has one here is kept as `score_of_source`.

    Args:
        labels: All attached labels.
        trials: The result of `phrase_trials` or `reading_trials` for the labels shown.
    """
    rows: list[dict[str, Any]] = [
        {str(name): value for name, value in row.items()} for row in labels.to_dict("records")
    ]
    place = {(row["feature"], row["label"]): row for row in rows if row["is_shown"]}
    for tested in trials.to_dict("records"):
        own = place.get((tested["feature"], tested["label"]))
        is_comparable = tested["score_kind"] == _BY_READING or tested["kind"] == "sentence"
        if own is not None and is_comparable and tested["score"] == tested["score"]:
            _rescore(own, tested)
    table = pd.DataFrame(rows, columns=list(dict.fromkeys([*labels.columns, *_TRIAL_COLUMNS])))
    is_worse = table["is_worse_than_words"].map(lambda one: one is True)
    return table.assign(is_worse_than_words=is_worse.astype(bool))


def _rescore(own: dict[str, Any], tested: Mapping[Any, Any]) -> None:
    """Put the score of a trial in the place of a label's own, which is kept."""
    if not own["score_kind"] or not str(own["score_kind"]).startswith(_HERE):
        own |= {"score_of_source": own["score"], "kind_of_source": own["score_kind"]}
    own |= {name: tested[name] for name in ("score", "score_kind", "n_trials")}
    own |= {"is_worse_than_words": bool(tested["is_worse"]), "is_shown": not tested["is_worse"]}


def _asked(
    store: Store, labels: Mapping[int, str], seed: int
) -> tuple[list[FeatureMaterial], dict[int, str], list[tuple[FeatureMaterial, str]]]:
    """What is shown of each feature, its name from words, and the names that are tested."""
    features = sorted(labels)
    material = material_of_features(store, features, seed=seed)
    words = words_labels(store, features)
    asked = [
        (one, name)
        for one in material
        for name in (labels[one.feature], words.get(one.feature, ""))
        if name and one.trials
    ]
    return material, words, asked


def _embedded(contexts: Sequence[FeatureContext], kind: UnitKind) -> PhraseVectors:
    """Vectors of units: of the whole word for tokens, of the sentence for sentences."""
    texts = [one.text if kind == "sentence" else whole_word(one) for one in contexts]
    distinct = sorted(set(texts))
    place = {text: at for at, text in enumerate(distinct)}
    vectors = load_phrase_embedder().embed(distinct)
    return vectors[[place[text] for text in texts]]


def _score(
    label: PhraseVector, own: PhraseVectors, others: npt.NDArray[np.float32], seed: int
) -> LabelScore:
    """Trials of a label: its held-out units against units without the feature."""
    fits = (own @ label).astype(np.float64), (others @ label).astype(np.float64)
    return interval_of(credits(*fits), seed=seed)


def _row(
    feature: int, kind: str, label: str, score: LabelScore, others: Sequence[float]
) -> dict[str, object]:
    other = float(np.mean(others)) if others else np.nan
    return {
        "feature": feature, "kind": kind, "label": label, "score": score.score,
        "score_low": score.low, "score_high": score.high, "n_trials": score.n_trials,
        "score_of_others": other, "is_supported": bool(score.low > np.fmax(CHANCE, other)),
        "score_kind": _BY_PHRASES,
    }  # fmt: skip


def _beside(kind: str, score: LabelScore, words: Mapping[Any, Any]) -> dict[str, object]:
    """The name from words, and whether it is clearly better, which only sentences can show."""
    is_named = isinstance(words["label"], str)
    return {
        "words": words["label"] if is_named else None,
        "words_score": float(words["score"]) if is_named else np.nan,
        "is_worse": bool(
            kind == "sentence" and is_named and float(words["score_low"]) > score.high
        ),
    }  # fmt: skip

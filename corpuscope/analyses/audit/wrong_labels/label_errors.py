"""Likely label errors, from cross-validated predictions.

Two logistic regressions are cross-validated, one on document vectors and one on features and
words. Documents are ranked by the mean probability of their own label, which is the
self-confidence score of confident learning (Northcutt, Jiang and Chuang 2021). Near-duplicates
never straddle a fold.

On deliberately flipped labels this finds more than the vectors alone
(`benchmarks/label_noise.py`). The number listed is estimated in `label_error_counts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.audit.document_space import directions_of, weighted
from corpuscope.analyses.audit.wrong_labels.counts import WrongLabels, count_wrong
from corpuscope.analyses.comparison.tested_features import TestedFeatures, label_of
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, GroupNames, PerDocument, Rows
from corpuscope.store.evidence import Evidence
from corpuscope.store.lexical import spans

# Inverse regularisation strengths, chosen on corpora that no reported result uses.
_C_DIRECTIONS, _C_FEATURES = 3.0, 3.0
_MOST_STEPS = 200
_REASONS = 3


@dataclass(frozen=True)
class LikelyError:
    """A document whose text is predicted to be of another class.

    Attributes:
        row: The document.
        given: Its current label.
        instead: The predicted label.
        p_given: Probability of the current label, in [0, 1].
        p_instead: Probability of the predicted label.
        reasons: Columns of the features and words that contribute most to the prediction.
    """

    row: int
    given: str
    instead: str
    p_given: float
    p_instead: float
    reasons: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Predicted:
    """Out-of-fold predictions of documents.

    Attributes:
        classes: The labels.
        probabilities: Documents x classes, averaged over the two models.
        weights: Documents x features, the input of the second model.
        fold: Test fold of each document.
        coefficients: Of the second model, per fold: classes x features.
    """

    classes: tuple[str, ...]
    probabilities: npt.NDArray[np.float64]
    weights: sp.csr_array
    fold: PerDocument
    coefficients: tuple[npt.NDArray[np.float64], ...]


def predicted(
    source: NamedStore,
    columns: TestedFeatures,
    rows: Rows,
    labels: GroupNames,
    *,
    groups: PerDocument,
    folds: int,
    seed: int,
) -> Predicted:
    """Cross-validated probabilities of each class.

    Args:
        source: The texts.
        columns: Their features and words.
        rows: The documents.
        labels: Their classes; each must have at least `folds` documents.
        groups: Group of each document; groups are not split across folds.
        folds: Number of cross-validation folds.
        seed: Random seed for the folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    classes, codes = np.unique(labels.astype(str), return_inverse=True)
    directions = directions_of(source, columns, rows, seed=seed)
    weights = weighted(columns.presence[rows])
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = np.zeros((len(rows), len(classes)))
    fold, coefficients = np.zeros(len(rows), dtype=np.int64), []
    for number, (train, test) in enumerate(splitter.split(weights, codes, groups)):
        of_directions = _fitted(directions[train], codes[train], _C_DIRECTIONS)
        of_features = _fitted(weights[train], codes[train], _C_FEATURES)
        fold[test] = number
        for model, inputs in ((of_directions, directions), (of_features, weights)):
            # A small class may be missing from the training folds: its probability stays 0.
            found[np.ix_(test, model.classes_)] += model.predict_proba(inputs[test]) / 2
        coefficients.append(_per_class(of_features, len(classes)))
    return Predicted(tuple(classes.tolist()), found, weights, fold, tuple(coefficients))


def label_errors(
    rows: Rows, labels: GroupNames, found: Predicted
) -> tuple[list[LikelyError], WrongLabels]:
    """The likely label errors, least likely label first.

    Returns:
        Documents with another predicted class, at most as many as estimated, and the estimate.
    """
    place = {name: at for at, name in enumerate(found.classes)}
    given = np.array([place[str(label)] for label in labels], dtype=np.int64)
    wrong = count_wrong(found.probabilities, given)
    p_given = found.probabilities[np.arange(len(rows)), given]
    likeliest = found.probabilities.argmax(axis=1)
    return [
        LikelyError(
            int(rows[at]), found.classes[given[at]], found.classes[likeliest[at]],
            float(p_given[at]), float(found.probabilities[at, likeliest[at]]),
            _reasons(found, at, given=int(given[at]), instead=int(likeliest[at])),
        )
        for at in by_doubt(found.probabilities, given)[: wrong.n].tolist()
    ], wrong  # fmt: skip


def by_doubt(probabilities: npt.NDArray[np.float64], given: PerDocument) -> Rows:
    """Documents whose predicted class differs from their label, least likely label first.

    Args:
        probabilities: Documents x classes.
        given: Class number of each document's label.
    """
    order = np.argsort(probabilities[np.arange(len(given)), given], kind="stable")
    doubted: Rows = order[probabilities.argmax(axis=1)[order] != given[order]]
    return doubted


def undoubted(labels: GroupNames, found: Predicted) -> DocumentMask:
    """Which documents have the label that is predicted."""
    classes = np.array(found.classes, dtype=object)
    is_same: DocumentMask = classes[found.probabilities.argmax(axis=1)] == labels.astype(str)
    return is_same


def reasons_in_words(columns: TestedFeatures, one: LikelyError, names: Names) -> str:
    """The reason why a label is likely wrong, in words."""
    known = names.of(
        name for column in one.reasons if isinstance(name := columns.name(column), int)
    )
    features = "; ".join(
        known[name].label if isinstance(name := columns.name(column), int)
        else label_of(names.source, columns, column)
        for column in one.reasons
    )  # fmt: skip
    reason = f": {features}" if features else ""
    return (
        f"labelled {one.given!r} (probability {one.p_given:.0%}), predicted {one.instead!r} "
        f"({one.p_instead:.0%}){reason}"
    )


def evidence_of(source: NamedStore, columns: TestedFeatures, one: LikelyError) -> Evidence:
    """The text, with the spans of the features that contribute most to the prediction."""
    (text,), (id,) = source.texts([one.row]), source.ids_of([one.row])
    places: list[tuple[int, int]] = []
    for column in one.reasons:
        name = columns.name(column)
        if isinstance(name, str):
            places += [(start, end) for start, end in spans(text, name)][:1]
        else:
            row = np.array([one.row], dtype=np.int64)
            for _, shown in source.strongest(name, row, n=1, side=""):
                places += shown.spans
    return Evidence(id, text, None, tuple(places), one.p_instead)


def _fitted(inputs: Any, codes: PerDocument, c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=_MOST_STEPS, tol=1e-3).fit(inputs, codes)


def _per_class(model: Any, n_classes: int) -> npt.NDArray[np.float64]:
    found = np.zeros((n_classes, model.coef_.shape[1]))
    if len(model.classes_) == 2:
        # A binary model has one row of coefficients, those of the second class.
        found[model.classes_] = np.concatenate([-model.coef_, model.coef_]) / 2
    else:
        found[model.classes_] = model.coef_
    return found


def _reasons(found: Predicted, at: int, *, given: int, instead: int) -> tuple[int, ...]:
    row = found.weights[[at]].tocsr()
    coefficients = found.coefficients[found.fold[at]]
    # Contribution of each feature to the log-odds of the predicted class against the given one.
    contribution = row.data * (coefficients[instead] - coefficients[given])[row.indices]
    order = np.argsort(-contribution, kind="stable")[:_REASONS]
    chosen: Sequence[int] = row.indices[order[contribution[order] > 0]].tolist()
    return tuple(chosen)

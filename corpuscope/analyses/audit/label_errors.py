"""Labels that texts speak against: predicted by models that have not seen them.

Two models are learned on some documents and tell the others, by turns: a logistic regression on
the documents' directions, and one on their features and words. What the two give, on average, for
the label that a document has is its score. Near copies are never on both sides.

Where labels were changed on purpose this finds more of them than the vectors alone do
(`benchmarks/label_noise.py`); the score is the self-confidence of confident learning (Northcutt,
Jiang and Chuang 2021). As many are listed as labels are likely wrong (`wrong_labels`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.audit.document_space import directions_of, weighted
from corpuscope.analyses.audit.label_error_counts import WrongLabels, count_wrong
from corpuscope.analyses.comparison.tested_features import TestedFeatures, label_of
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import GroupNames, PerDocument, Rows
from corpuscope.store.evidence import Evidence
from corpuscope.store.lexical import spans

# Inverse strengths of the ridge, chosen on corpora that no published figure uses.
_C_DIRECTIONS, _C_FEATURES = 3.0, 3.0
_MOST_STEPS = 200
_REASONS = 3


@dataclass(frozen=True)
class LikelyError:
    """A document whose text looks like another class.

    Attributes:
        row: The document.
        given: The label that it has.
        instead: The label that is likeliest.
        p_given: How likely the given label is, from 0 to 1.
        p_instead: How likely the other is.
        reasons: Columns of the features and words that speak most for the other label.
    """

    row: int
    given: str
    instead: str
    p_given: float
    p_instead: float
    reasons: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Predicted:
    """What models that have not seen a document say of it.

    Attributes:
        classes: The labels.
        probabilities: Documents x classes.
        weights: Documents x features, as the second model saw them.
        fold: Which model told each document.
        coefficients: Of the second model, for each fold: classes x features.
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
    """The probability of each class for some documents, told by models learned on others.

    Args:
        source: The texts.
        columns: Their features and words.
        rows: The documents.
        labels: Their classes; each must have `folds` documents or more.
        groups: Documents of one group are told by one model.
        folds: How many models tell a part each.
        seed: Which documents are told together.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    classes, codes = np.unique(labels.astype(str), return_inverse=True)
    directions = directions_of(source, columns, rows, seed=seed)
    weights = weighted(columns.presence[rows])
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = np.zeros((len(rows), len(classes)))
    fold, coefficients = np.zeros(len(rows), dtype=np.int64), []
    for number, (learned, told) in enumerate(splitter.split(weights, codes, groups)):
        of_directions = _learned(directions[learned], codes[learned], _C_DIRECTIONS)
        of_features = _learned(weights[learned], codes[learned], _C_FEATURES)
        fold[told] = number
        for model, inputs in ((of_directions, directions), (of_features, weights)):
            found[np.ix_(told, model.classes_)] += model.predict_proba(inputs[told]) / 2
        coefficients.append(_per_class(of_features, len(classes)))
    return Predicted(tuple(classes.tolist()), found, weights, fold, tuple(coefficients))


def label_errors(
    rows: Rows, labels: GroupNames, found: Predicted
) -> tuple[list[LikelyError], WrongLabels]:
    """As many documents as labels are likely wrong, the least likely label first.

    Returns:
        Documents for which another class is likelier than theirs, and how many are likely wrong.
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
    """The documents for which another class is likelier than theirs, least likely label first.

    Args:
        probabilities: Documents x classes.
        given: For each document the number of the class that its label names.
    """
    order = np.argsort(probabilities[np.arange(len(given)), given], kind="stable")
    doubted: Rows = order[probabilities.argmax(axis=1)[order] != given[order]]
    return doubted


def reasons_in_words(columns: TestedFeatures, one: LikelyError, names: Names) -> str:
    """The reason of a suspect, for people."""
    known = names.of(
        name for column in one.reasons if isinstance(name := columns.name(column), int)
    )
    told = "; ".join(
        known[name].label if isinstance(name := columns.name(column), int)
        else label_of(names.source, columns, column)
        for column in one.reasons
    )  # fmt: skip
    against = f": {told}" if told else ""
    return (
        f"labelled {one.given!r} ({one.p_given:.0%} likely), reads like {one.instead!r} "
        f"({one.p_instead:.0%}){against}"
    )


def shown_by(source: NamedStore, columns: TestedFeatures, one: LikelyError) -> Evidence:
    """The text, with the places of what speaks against its label."""
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


def _learned(inputs: Any, codes: PerDocument, c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=_MOST_STEPS, tol=1e-3).fit(inputs, codes)


def _per_class(model: Any, n_classes: int) -> npt.NDArray[np.float64]:
    found = np.zeros((n_classes, model.coef_.shape[1]))
    if len(model.classes_) == 2:
        # Of two classes one line is learned, which speaks for the second.
        found[model.classes_] = np.concatenate([-model.coef_, model.coef_]) / 2
    else:
        found[model.classes_] = model.coef_
    return found


def _reasons(found: Predicted, at: int, *, given: int, instead: int) -> tuple[int, ...]:
    row = found.weights[[at]].tocsr()
    difference = found.coefficients[found.fold[at]]
    given_for = row.data * (difference[instead] - difference[given])[row.indices]
    order = np.argsort(-given_for, kind="stable")[:_REASONS]
    chosen: Sequence[int] = row.indices[order[given_for[order] > 0]].tolist()
    return tuple(chosen)

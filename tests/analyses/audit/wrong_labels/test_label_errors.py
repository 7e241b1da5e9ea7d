"""Labels that the text speaks against, by predictions of models that did not see them."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from corpuscope.analyses.audit.document_space import directions_of, weighted
from corpuscope.analyses.audit.wrong_labels.counts import count_wrong
from corpuscope.analyses.audit.wrong_labels.label_errors import (
    LikelyError,
    Predicted,
    by_doubt,
    evidence_of,
    label_errors,
    predicted,
    reasons_in_words,
)
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from tests.analyses.columns import columns_of
from tests.analyses.worlds import noise, write

N, FOLDS = 60, 3
FLIPPED = (8, 21, 40)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Document `i` has feature `i % 3`, and `3 + i % 3`; features from 10 on are noise."""
    made = noise(np.random.default_rng(0), N, n_words=8)
    for i, one in enumerate(made):
        one.features = {f for f in one.features if f >= 10} | {i % 3, 3 + i % 3}
        one.peaks = {i % 3: 4}
    labels = {0: "apples", 4: "berries"}
    path = tmp_path_factory.mktemp("errors") / "s"
    return NamedStore(write(path, made, labels=labels, label_source="people"))


def labels_of(n_classes: int) -> np.ndarray:
    labels = np.array(["abc"[i % 3] if n_classes == 3 else "ab"[i % 3 == 0] for i in range(N)])
    for row in FLIPPED:
        labels[row] = "b" if labels[row] == "a" else "a"
    return labels.astype(object)


def asked(source: NamedStore, n_classes: int, groups: np.ndarray | None = None) -> Predicted:
    return predicted(
        source, columns_of(source), np.arange(N), labels_of(n_classes),
        groups=np.arange(N) if groups is None else groups, folds=FOLDS, seed=0,
    )  # fmt: skip


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_the_mean_of_two_models_that_did_not_see_the_document(
    source: NamedStore, n_classes: int
) -> None:
    found = asked(source, n_classes)
    columns, rows, labels = columns_of(source), np.arange(N), labels_of(n_classes)
    inputs = (directions_of(source, columns, rows, seed=0), weighted(columns.presence[rows]))
    assert found.classes == tuple("abc"[:n_classes])
    for fold in range(FOLDS):
        test = found.fold == fold
        assert 15 <= test.sum() <= 25
        models = [
            LogisticRegression(C=3.0, max_iter=200, tol=1e-3).fit(one[~test], labels[~test])
            for one in inputs
        ]
        each = [m.predict_proba(one[test]) for m, one in zip(models, inputs, strict=True)]
        np.testing.assert_allclose(found.probabilities[test], np.mean(each, axis=0), atol=1e-6)
        # The difference of two classes is the log-odds of the one against the other.
        own = found.coefficients[fold]
        coef = models[1].coef_
        expected = coef[0] if n_classes == 2 else coef[1] - coef[0]
        np.testing.assert_allclose(own[1] - own[0], expected, atol=1e-6)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)


def test_what_belongs_together_is_in_one_fold(source: NamedStore) -> None:
    groups = np.arange(N) // 3
    fold = asked(source, 3, groups).fold
    assert all(len(set(fold[groups == group].tolist())) == 1 for group in range(20))


def test_planted_errors_are_found_with_the_features_that_speak_for_the_other_class(
    source: NamedStore,
) -> None:
    found, wrong = label_errors(np.arange(N) + 100, labels_of(3), asked(source, 3))
    assert len(found) == wrong.n >= 2
    assert {one.row - 100 for one in found} <= set(FLIPPED)
    for one in found:
        assert one.instead == "abc"[(one.row - 100) % 3] != one.given
        assert one.p_instead > 0.5 > one.p_given
        own = {(one.row - 100) % 3, 3 + (one.row - 100) % 3}
        assert set(one.reasons[:2]) == own
    p_given = [one.p_given for one in found]
    assert p_given == sorted(p_given)


def by_hand(n: int = 60) -> tuple[Predicted, np.ndarray]:
    """Documents 5 and 7 are labelled `a` and predicted `b`, the second more surely."""
    p_b = np.where(np.arange(n) % 2, 0.9, 0.1)
    p_b[7], p_b[5], p_b[9] = 0.99, 0.97, 0.45
    labels = np.array(["ab"[i % 2] for i in range(n)], dtype=object)
    labels[[5, 7]] = "a"
    weights = np.zeros((n, 6))
    weights[5] = [0.5, 0.1, 0.3, 0.2, 0.9, 0]
    weights[7] = [1, 0, 0, 0, 0, 0]
    coefficients = (
        np.array([[0, 0, 0, 0, 1, 0], [2, 8, 1, 3, 0, 9]], dtype=np.float64),
        np.array([[1, 0, 0, 0, 0, 0], [0, 9, 9, 9, 9, 9]], dtype=np.float64),
    )
    fold = (np.arange(n) == 7).astype(np.int64)
    table = np.stack([1 - p_b, p_b], axis=1)
    return Predicted(("a", "b"), table, sp.csr_array(weights), fold, coefficients), labels


def test_suspects_and_their_reasons_by_hand() -> None:
    found, labels = by_hand()
    suspects, wrong = label_errors(np.arange(60) * 10, labels, found)
    # Document 9 is doubted, too, but two are estimated.
    assert wrong.n == count_wrong(found.probabilities, (labels == "b").astype(np.int64)).n == 2
    first, second = suspects
    assert (first.row, first.given, first.instead) == (70, "a", "b")
    assert (first.p_given, first.p_instead) == pytest.approx((0.01, 0.99))
    # In its fold the one feature it has speaks for the label.
    assert first.reasons == ()
    # Contributions are 1, 0.8, 0.3, 0.6 and -0.9: the three largest, of those above 0.
    assert second.row == 50
    assert second.reasons == (0, 1, 3)


def test_documents_are_doubted_where_the_prediction_differs_surest_first() -> None:
    table = np.array([[0.2, 0.8, 0], [0.6, 0.4, 0], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0, 1, 0]])
    assert by_doubt(table, np.array([0, 0, 0, 1, 1])).tolist() == [2, 0, 3]
    assert by_doubt(table, table.argmax(axis=1)).tolist() == []


def error(*reasons: int) -> LikelyError:
    return LikelyError(12, "a", "b", 0.043, 0.912, reasons)


def test_a_reason_names_labels_probabilities_and_features(source: NamedStore) -> None:
    columns = columns_of(source, words=True)
    names = Names(source, np.ones(N, dtype=bool), here=False)
    word = len(columns.features) + columns.words.index("wfa")
    text = reasons_in_words(columns, error(0, word, 4), names)
    for part in ("'a'", "'b'", "4%", "91%", 'apples; "wfa"; berries'):
        assert part in text
    bare = reasons_in_words(columns, error(), names)
    assert "91%" in bare
    assert "apples" not in bare


def test_the_text_is_shown_with_the_places_of_its_reasons(source: NamedStore) -> None:
    columns = columns_of(source, words=True)
    (text,) = source.texts([12])
    words = text.split(" ")
    word = len(columns.features) + columns.words.index(words[6])
    shown = evidence_of(source, columns, error(0, word))
    assert (shown.id, shown.text, shown.strength) == ("d12", text, 0.912)
    assert [text[start:end] for start, end in shown.spans] == [words[4], words[6]]
    assert shown.spans[1][0] == text.index(words[6])
    # What the document does not have has no place in it.
    assert evidence_of(source, columns, error(1)).spans == ()

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression, Ridge

from corpuscope.probing.models.cross_validation import PENALTIES as ALL_PENALTIES
from corpuscope.probing.models.cross_validation import TrainingSet, fitted
from corpuscope.probing.models.linear_solver import Problems, Solved, solve
from corpuscope.probing.models.standardisation import design_of

PENALTIES = (100.0, 3.0, 0.1)


def world(n: int = 300, width: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((n, width)) @ rng.standard_normal((width, width)) + 3
    chance = 1 / (1 + np.exp(-(matrix[:, 0] - 3 + rng.standard_normal(n))))
    return matrix.astype(np.float32), (rng.random(n) < chance).astype(np.float32)


def problems(standardised, targets, folds, loss="logistic"):  # type: ignore[no-untyped-def]
    """Each penalty with each fold left out."""
    penalty, fold = (axis.ravel() for axis in np.indices((len(PENALTIES), 3)))
    weights = (folds[:, None] != fold).astype(np.float32)
    many = np.repeat(targets[:, None], len(fold), axis=1)
    penalties = np.array(PENALTIES, dtype=np.float32)[penalty]
    return (
        Problems(standardised.matrix, standardised.curvature, many, weights, penalties, loss),
        penalty,
        fold,
    )


def test_every_penalty_and_fold_is_what_scikit_learn_finds() -> None:
    matrix, targets = world()
    folds = np.arange(len(matrix)) % 3
    standardised = design_of(matrix)
    asked, penalty, fold = problems(standardised, targets, folds)
    solved = solve(asked)
    assert solved.is_converged.all()
    scores = standardised.way.scores(matrix, solved.coefficients, solved.intercepts)
    assert np.allclose(scores, solved.fitted, atol=1e-3)
    scaled = (matrix - standardised.way.mean) / standardised.way.scale
    for i, (p, f) in enumerate(zip(penalty, fold, strict=True)):
        one = LogisticRegression(C=1 / PENALTIES[p], tol=1e-8, max_iter=5000)
        one.fit(scaled[folds != f], targets[folds != f])
        expected = one.decision_function(scaled)
        assert np.abs(scores[:, i] - expected).max() < 0.02 * np.abs(expected).max()


def test_sparse_columns_give_what_dense_ones_give() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.random((200, 30)).astype(np.float32) * (rng.random((200, 30)) < 0.3)
    targets = (matrix[:, 0] + rng.random(200) > 0.7).astype(np.float32)
    folds = np.arange(200) % 3
    found = []
    for given in (matrix, sp.csr_array(matrix)):
        standardised = design_of(given)
        solved = solve(problems(standardised, targets, folds)[0])
        found.append(standardised.way.scores(given, solved.coefficients, solved.intercepts))
    assert np.abs(found[0] - found[1]).max() < 0.02 * np.abs(found[0]).max()


def test_numbers_are_fitted_as_ridge_regression_fits_them() -> None:
    matrix, _ = world()
    targets = (matrix[:, 1] * 2 - 5 + np.random.default_rng(2).standard_normal(300)).astype(
        np.float32
    )
    standardised = design_of(matrix)
    asked, penalty, fold = problems(standardised, targets, np.arange(300) % 3, "squared")
    solved = solve(asked)
    scaled = (matrix - standardised.way.mean) / standardised.way.scale
    for i, (p, f) in enumerate(zip(penalty, fold, strict=True)):
        inside = np.arange(300) % 3 != f
        one = Ridge(alpha=PENALTIES[p]).fit(scaled[inside], targets[inside])
        assert np.allclose(solved.fitted[:, i], one.predict(scaled), atol=0.02)


def test_more_columns_than_rows_are_solved_too() -> None:
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((20, 50)).astype(np.float32)
    targets = (matrix[:, 0] > 0).astype(np.float32)
    standardised = design_of(matrix)
    one = np.ones((20, 1), dtype=np.float32)
    solved = solve(
        Problems(
            standardised.matrix,
            standardised.curvature,
            targets[:, None],
            one,
            np.ones(1, np.float32),
        )
    )
    scores = standardised.way.scores(matrix, solved.coefficients, solved.intercepts)[:, 0]
    scaled = (matrix - standardised.way.mean) / standardised.way.scale
    expected = LogisticRegression(C=1.0, tol=1e-8).fit(scaled, targets).decision_function(scaled)
    assert np.abs(scores - expected).max() < 0.02 * np.abs(expected).max()


def test_a_column_that_does_not_vary_has_no_weight() -> None:
    matrix, targets = world()
    matrix[:, 3] = 7.0
    standardised = design_of(matrix)
    one = np.ones((300, 1), dtype=np.float32)
    solved = solve(
        Problems(
            standardised.matrix,
            standardised.curvature,
            targets[:, None],
            one,
            np.ones(1, np.float32),
        )
    )
    assert standardised.way.weights(solved.coefficients)[3, 0] == pytest.approx(0, abs=1e-4)


def test_a_start_and_a_distant_level_change_the_way_and_not_the_end() -> None:
    matrix, targets = world()
    folds = np.arange(len(matrix)) % 3
    standardised = design_of(matrix)
    asked = problems(standardised, targets, folds)[0]
    plain = solve(asked)
    start = np.vstack([plain.coefficients, plain.intercepts])
    rng = np.random.default_rng(3)
    moved = start + rng.standard_normal(start.shape).astype(np.float32)
    again = solve(replace(asked, start=moved))
    assert again.is_converged.all()
    assert np.abs(again.fitted - plain.fitted).max() < 0.02 * np.abs(plain.fitted).max()
    # Numbers far from 0 are fitted as those around it: years as well as ages.
    near = solve(problems(standardised, targets, folds, "squared")[0])
    far = solve(problems(standardised, targets + 2000, folds, "squared")[0])
    assert np.abs(far.fitted - 2000 - near.fitted).max() < 0.01


def test_the_path_ends_early_at_the_penalty_that_all_would_have_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    matrix = rng.standard_normal((400, 40)).astype(np.float32)
    every = matrix[:, :3].sum(axis=1) + 2 * rng.standard_normal(400)
    training_set = TrainingSet(
        (every > 0).astype(np.float32)[:, None], np.arange(400) % 5, "logistic"
    )
    solved_penalties: list[float] = []

    def noted(asked: Problems) -> Solved:
        solved_penalties.extend(asked.penalties.tolist())
        return solve(asked)

    monkeypatch.setattr("corpuscope.probing.models.cross_validation.solve", noted)
    early = fitted(matrix, training_set)
    assert min(solved_penalties) > min(ALL_PENALTIES) * 2
    monkeypatch.setattr("corpuscope.probing.models.cross_validation._PATIENCE", len(ALL_PENALTIES))
    late = fitted(matrix, training_set)
    assert min(solved_penalties) == pytest.approx(min(ALL_PENALTIES))
    assert early.penalty == late.penalty
    assert np.allclose(early.out_of_fold, late.out_of_fold)


@pytest.mark.parametrize("penalty", [10.0, 0.3])
def test_folds_of_separable_classes_are_solved_to_the_end(
    penalty: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Little is lost there, and curvature is far below its bound: both make one stop too soon."""
    rng = np.random.default_rng(5)
    presence = (rng.random((400, 900)) < rng.random(900) ** 4).astype(np.float32)
    every = presence[:, :40] @ rng.standard_normal(40)
    targets = (every > np.median(every)).astype(np.float32)
    training_set = TrainingSet(targets[:, None], np.arange(400) % 5, "logistic")
    monkeypatch.setattr("corpuscope.probing.models.cross_validation.PENALTIES", (1000.0, penalty))
    monkeypatch.setattr("corpuscope.probing.models.cross_validation._AT_ONCE", 1)
    better = iter([0.1, 0.2])
    monkeypatch.setattr(TrainingSet, "gain", lambda *_: next(better))  # The last one is taken.
    found = fitted(sp.csr_array(presence), training_set)
    assert found.penalty == penalty
    deviation = presence.std(axis=0)
    # In double precision: in single precision scikit-learn is off by more than this test allows.
    scaled = (presence / np.where(deviation > 0, deviation, 1)).astype(np.float64)
    expected = np.empty(400)
    for fold in range(5):
        inside = training_set.folds != fold
        one = LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=5000)
        one.fit(scaled[inside], targets[inside])
        expected[~inside] = one.decision_function(scaled[~inside])
    off = np.abs(found.out_of_fold[:, 0] - expected)
    assert off.max() < 0.05 * expected.std()

"""Metrics of probes against scikit-learn, SciPy and brute force."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score

from corpuscope.probing.metrics import (
    CorpusRole,
    EvaluatedDocuments,
    Scored,
    best_of,
    scored,
    training_threshold,
)


def documents(
    targets: np.ndarray,
    *,
    role: CorpusRole = "test",
    corpus: str = "s",
    groups: np.ndarray | None = None,
) -> EvaluatedDocuments:
    rows = np.arange(len(targets))
    return EvaluatedDocuments(corpus, role, rows, targets, rows if groups is None else groups)


def binary(n: int, seed: int, *, signal: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Scores with ties, and targets, one column each."""
    rng = np.random.default_rng(seed)
    targets = (rng.random((n, 1)) < 0.4).astype(np.float32)
    scores = np.round(rng.standard_normal((n, 1)) + signal * targets, 1).astype(np.float32)
    return scores, targets


@pytest.mark.parametrize("seed", range(4))
def test_two_classes_are_measured_as_scikit_learn_does(seed: int) -> None:
    scores, targets = binary(80, seed)
    is_yes = targets[:, 0] > 0.5
    found = scored(scores, documents(targets), threshold=0.25, is_number=False).evaluation
    assert found.auroc == found.measure == pytest.approx(roc_auc_score(is_yes, scores[:, 0]))
    assert found.average_precision == pytest.approx(average_precision_score(is_yes, scores[:, 0]))
    assert found.accuracy == pytest.approx(accuracy_score(is_yes, scores[:, 0] > 0.25))
    assert found.share_above == pytest.approx(np.mean(scores[:, 0] > 0.25))
    assert (found.n, found.n_positive) == (80, int(is_yes.sum()))
    assert found.interval[0] < found.auroc < found.interval[1]
    assert np.isnan([found.correlation, found.drop, *found.drop_interval]).all()


@pytest.mark.parametrize("seed", range(3))
def test_several_classes_are_measured_one_against_the_rest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(4, size=90)
    targets = (labels[:, None] == np.arange(4)).astype(np.float32)
    scores = np.round(rng.standard_normal((90, 4)) + targets, 1)
    found = scored(scores, documents(targets), threshold=None, is_number=False).evaluation
    assert found.auroc == pytest.approx(roc_auc_score(targets, scores, average="macro"))
    expected = np.mean([average_precision_score(targets[:, i], scores[:, i]) for i in range(4)])
    assert found.average_precision == pytest.approx(expected)
    assert found.accuracy == pytest.approx(accuracy_score(labels, scores.argmax(axis=1)))
    assert found.n_positive is None
    assert np.isnan(found.share_above)


def test_a_class_without_documents_is_passed_over() -> None:
    rng = np.random.default_rng(1)
    targets = (rng.integers(2, size=40)[:, None] == np.arange(3)).astype(np.float32)
    scores = rng.standard_normal((40, 3)) + targets
    found = scored(scores, documents(targets), threshold=None, is_number=False).evaluation
    two = targets[:, :2]
    assert found.auroc == pytest.approx(roc_auc_score(two, scores[:, :2], average="macro"))
    expected = [average_precision_score(two[:, i], scores[:, i]) for i in range(2)]
    assert found.average_precision == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("seed", range(3))
def test_a_number_is_measured_by_pearson(seed: int) -> None:
    rng = np.random.default_rng(seed)
    targets = rng.standard_normal((50, 1))
    scores = targets + rng.standard_normal((50, 1))
    found = scored(scores, documents(targets), threshold=None, is_number=True).evaluation
    expected = pearsonr(scores[:, 0], targets[:, 0]).statistic
    assert found.correlation == found.measure == pytest.approx(expected)
    assert found.interval[0] < expected < found.interval[1]
    others = [found.auroc, found.average_precision, found.accuracy, found.share_above]
    assert np.isnan(others).all()
    assert found.n_positive is None


@pytest.mark.parametrize(("value", "n_positive"), [(0.0, 0), (1.0, 6)])
def test_documents_of_one_class_have_a_share_above_and_no_auroc(
    value: float, n_positive: int
) -> None:
    scores = np.array([[-1.0], [0.5], [0.6], [2.0], [0.5], [-3.0]])
    targets = np.full((6, 1), value, dtype=np.float32)
    found = scored(scores, documents(targets), threshold=0.5, is_number=False).evaluation
    assert np.isnan([found.auroc, *found.interval]).all()
    assert found.share_above == pytest.approx(2 / 6)
    assert found.accuracy == pytest.approx(2 / 6 if n_positive else 4 / 6)
    assert found.n_positive == n_positive
    assert np.isnan(found.average_precision) == (n_positive == 0)


def test_related_documents_make_a_wider_interval() -> None:
    # Four copies of each document tell no more than one does.
    scores, targets = binary(30, 5)
    many = [np.repeat(each, 4, axis=0) for each in (scores, targets)]
    alone = scored(many[0], documents(many[1]), threshold=0.0, is_number=False).evaluation
    groups = np.repeat(np.arange(30), 4)
    copies = documents(many[1], groups=groups)
    related = scored(many[0], copies, threshold=0.0, is_number=False).evaluation
    assert related.auroc == pytest.approx(alone.auroc)
    assert np.ptp(related.interval) > 1.5 * np.ptp(alone.interval)


@pytest.mark.parametrize("is_number", [False, True])
def test_the_drop_is_how_far_an_unseen_corpus_is_below_the_test_set(is_number: bool) -> None:
    near, far = binary(70, 1, signal=2.0), binary(60, 2, signal=0.3)
    threshold = None if is_number else 0.0
    test = scored(near[0], documents(near[1]), threshold=threshold, is_number=is_number)
    unseen = documents(far[1], role="unseen", corpus="far")
    found = scored(far[0], unseen, threshold=threshold, is_number=is_number, test=test).evaluation
    assert found.drop == pytest.approx(test.evaluation.measure - found.measure)
    assert found.drop > 0
    low, high = found.drop_interval
    assert low < found.drop < high
    # Both corpora are uncertain, so that the difference is more so than either.
    assert high - low > max(np.ptp(found.interval), np.ptp(test.evaluation.interval))
    again = scored(
        far[0], documents(far[1], role="train"), threshold=threshold, is_number=is_number, test=test
    )
    assert np.isnan([again.evaluation.drop, *again.evaluation.drop_interval]).all()


@pytest.mark.parametrize("seed", range(6))
def test_no_threshold_is_more_accurate_in_training(seed: int) -> None:
    scores, targets = binary(25, seed, signal=1.5)
    found = training_threshold(scores, targets)
    assert found is not None
    is_yes = targets[:, 0] > 0.5

    def accuracy(threshold: float) -> float:
        return float(((scores[:, 0] > threshold) == is_yes).mean())

    ordered = np.unique(scores)
    tried = [ordered[0] - 1, *((ordered[1:] + ordered[:-1]) / 2), ordered[-1] + 1]
    assert accuracy(found) == pytest.approx(max(accuracy(float(one)) for one in tried))


def test_several_classes_have_no_threshold() -> None:
    assert training_threshold(np.zeros((4, 3)), np.eye(4, 3)) is None


def results(measures: Sequence[float], seed: int = 0) -> list[Scored]:
    """One probe's results on the training set, the test set and an unseen corpus."""
    found = []
    roles: tuple[CorpusRole, ...] = ("train", "test", "unseen")
    for i, (role, signal) in enumerate(zip(roles, measures, strict=True)):
        scores, targets = binary(60, seed=i, signal=0.0)
        noise = np.random.default_rng(100 + seed).standard_normal(scores.shape)
        scores = noise + signal * targets
        found.append(
            scored(scores, documents(targets, role=role, corpus=role), threshold=0.0,
                   is_number=False)
        )  # fmt: skip
    return found


def test_both_probes_are_chosen_by_validation_alone() -> None:
    names, uses = ["words", "sae all", "length", "sae k"], [False, True, False, True]
    validation = [0.7, 0.8, 0.6, 0.9]
    found = [results((3, s, s), seed) for seed, s in enumerate((2.0, 3.0, 4.0, 0.0))]
    best = best_of(names, uses, validation, found)
    assert [(one.corpus, one.role) for one in best] == [("test", "test"), ("unseen", "unseen")]
    for at, one in enumerate(best, start=1):
        # Others do better on these documents, but validation says nothing of that.
        assert (one.with_sae, one.without_sae) == ("sae k", "words")
        mine, other = found[3][at].evaluation, found[0][at].evaluation
        assert one.gain == pytest.approx(mine.auroc - other.auroc)
        assert one.gain < 0
        assert one.interval[0] < one.gain < one.interval[1]


def test_a_probe_without_the_dictionary_that_is_best_gains_nothing() -> None:
    found = [results((3, 1, 1), 0), results((3, 2, 2), 1)]
    best = best_of(["words", "sae"], [False, True], [0.9, 0.8], found)
    for one in best:
        assert (one.with_sae, one.without_sae) == ("words", "words")
        assert (one.gain, one.interval) == (0.0, (0.0, 0.0))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_ties_go_to_the_first_of_the_list(order: tuple[int, int]) -> None:
    names, uses = ["words", "sae"], [False, True]
    found = [results((3, 1, 1), 0), results((3, 2, 2), 1)]
    best = best_of(
        [names[i] for i in order], [uses[i] for i in order], [0.8, 0.8], [found[i] for i in order]
    )
    assert {one.with_sae for one in best} == {names[order[0]]}


@pytest.mark.parametrize("uses_sae", [True, False])
def test_there_is_no_comparison_of_probes_of_one_kind(uses_sae: bool) -> None:
    found = [results((3, 1, 1), 0), results((3, 2, 2), 1)]
    assert best_of(["a", "b"], [uses_sae] * 2, [0.8, 0.7], found) == ()

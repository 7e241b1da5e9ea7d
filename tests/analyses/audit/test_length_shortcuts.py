"""Texts of a class that are longer, shorter, or cut at one length."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from corpuscope.analyses.audit.length_shortcuts import (
    characters,
    cut_texts,
    length_named,
    length_of_name,
    longer_texts,
)
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.clusters.clustered import clustered_ranks
from corpuscope.statistics.rates.rate_tests import two_rates_p
from tests.analyses.worlds import Made, write

LONG = (9, 12, 15, 11, 9, 14, 13, 18, 10, 16)
SHORT = (5, 7, 9, 6, 4, 11, 8, 5, 10, 3)
VALUES = np.array([*"a" * 10, *"b" * 10, None], dtype=object)


def store_of(path: Path, lengths: Sequence[int]) -> NamedStore:
    return NamedStore(write(path, [Made(["ab"] * n) for n in lengths]))


@pytest.fixture(scope="module")
def unequal(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return store_of(tmp_path_factory.mktemp("lengths") / "s", [*LONG, *SHORT, 500])


def test_longer_texts_are_told_with_medians_and_the_rank_test(unequal: NamedStore) -> None:
    (one,) = longer_texts(unequal, VALUES, "a", clusters=None, alpha=0.05)
    assert (one.value, one.feature, one.nature) == ("a", "length", "length")
    assert (one.rate, one.rate_elsewhere) == (np.median(LONG), np.median(SHORT)) == (12.5, 6.5)
    assert "longer" in one.label
    u, p = mannwhitneyu(LONG, SHORT, method="asymptotic", use_continuity=False)
    assert one.auroc == pytest.approx(u / 100)
    assert one.q_value == pytest.approx(p)
    assert one.z == pytest.approx(norm.isf(p / 2))


def test_of_the_other_class_it_is_the_mirror_image(unequal: NamedStore) -> None:
    (one,) = longer_texts(unequal, VALUES, "a", clusters=None, alpha=0.05)
    (other,) = longer_texts(unequal, VALUES, "b", clusters=None, alpha=0.05)
    assert "shorter" in other.label
    assert other.auroc == pytest.approx(1 - one.auroc)
    assert other.z == pytest.approx(-one.z)
    assert (other.rate, other.rate_elsewhere) == (one.rate_elsewhere, one.rate)


def test_what_is_not_sure_enough_is_not_told(unequal: NamedStore) -> None:
    p = longer_texts(unequal, VALUES, "a", clusters=None, alpha=0.05)[0].q_value
    assert longer_texts(unequal, VALUES, "a", clusters=None, alpha=p * 0.99) == []
    mixed = np.array([*"ab" * 10, None], dtype=object)
    assert longer_texts(unequal, mixed, "a", clusters=None, alpha=0.05) == []


def test_with_authors_the_more_careful_of_two_tests_counts(unequal: NamedStore) -> None:
    authors = np.append(np.arange(20) // 5, 4)
    (alone,) = longer_texts(unequal, VALUES, "a", clusters=None, alpha=0.9)
    (one,) = longer_texts(unequal, VALUES, "a", clusters=authors, alpha=0.9)
    lengths = np.array([*LONG, *SHORT], dtype=np.float64)
    z, p = clustered_ranks(lengths, np.arange(20) < 10, clusters=authors[:20])
    assert p > alone.q_value
    assert one.q_value == pytest.approx(p)
    assert one.z == pytest.approx(min(z, alone.z))
    assert longer_texts(unequal, VALUES, "a", clusters=authors, alpha=alone.q_value) == []


def cut_world(path: Path, *, n_cut: int, is_copied: bool = False) -> NamedStore:
    """120 texts of all lengths around 90 words, and some of class a cut at 199 characters."""
    made = [Made([f"{chr(97 + i % 26)}{chr(97 + i // 26)}"] * (60 + i // 2)) for i in range(120)]
    made += [Made(["x" * 99, f"{0 if is_copied else i:099d}"]) for i in range(n_cut)]
    return NamedStore(write(path, made))


def values(n_cut: int) -> np.ndarray:
    return np.array([*"ab" * 60, *"a" * n_cut], dtype=object)


def test_texts_that_end_at_one_length_are_told_with_their_shares(tmp_path: Path) -> None:
    source = cut_world(tmp_path / "s", n_cut=20)
    (one,) = cut_texts(source, values(20), ["a", "b"], min_support=10, alpha=0.05)
    assert (one.value, one.feature, one.nature) == ("a", "length 199", "form")
    assert "199" in one.label
    assert one.rate == pytest.approx(20 / 80)
    assert one.rate_elsewhere == 0
    assert one.auroc == pytest.approx(0.5 + 20 / 80 / 2)
    share = 20 / 140
    error = np.sqrt(share * (1 - share) * (1 / 80 + 1 / 60))
    assert one.z == pytest.approx(0.25 / error)
    assert 0 < one.q_value <= 0.05


def test_of_two_lengths_each_p_value_counts_twice(tmp_path: Path) -> None:
    made = [Made([f"{chr(97 + i % 26)}{chr(97 + i // 26)}"] * (60 + i // 2)) for i in range(120)]
    made += [Made(["x" * size, f"{i:099d}"]) for size in (99, 119) for i in range(20)]
    labels = np.array([*"ab" * 60, *(["b"] * 3 + ["a"] * 17) * 2], dtype=object)
    source = NamedStore(write(tmp_path / "s", made))
    found = cut_texts(source, labels, ["a", "b"], min_support=10, alpha=0.05)
    assert sorted(one.feature for one in found) == ["length 199", "length 219"]
    p = float(two_rates_p(np.array([17]), 94, np.array([3]), 66)[0])
    for one in found:
        assert (one.rate, one.rate_elsewhere) == pytest.approx((17 / 94, 3 / 66))
        assert one.auroc == pytest.approx(0.5 + (17 / 94 - 3 / 66) / 2)
        assert one.q_value == pytest.approx(2 * p)


def test_copies_of_one_text_are_no_cut(tmp_path: Path) -> None:
    source = cut_world(tmp_path / "s", n_cut=20, is_copied=True)
    assert cut_texts(source, values(20), ["a", "b"], min_support=10, alpha=0.05) == []


@pytest.mark.parametrize(
    ("classes", "min_support", "alpha", "n_found"),
    [(["a"], 10, 0.05, 1), (["b"], 10, 0.05, 0), ([], 10, 0.05, 0), (["a"], 21, 0.05, 0),
     (["a"], 10, 1e-12, 0)],
)  # fmt: skip
def test_only_the_classes_that_are_asked_for_are_searched(
    tmp_path: Path, classes: list[str], min_support: int, alpha: float, n_found: int
) -> None:
    source = cut_world(tmp_path / "s", n_cut=20)
    found = cut_texts(source, values(20), classes, min_support=min_support, alpha=alpha)
    assert len(found) == n_found


def test_where_both_classes_are_cut_alike_there_is_nothing_to_tell(tmp_path: Path) -> None:
    source = cut_world(tmp_path / "s", n_cut=40)
    labels = np.array([*"ab" * 80], dtype=object)
    assert cut_texts(source, labels, ["a", "b"], min_support=10, alpha=0.05) == []


def test_texts_without_a_label_do_not_count(tmp_path: Path) -> None:
    source = cut_world(tmp_path / "s", n_cut=20)
    labels = values(20)
    labels[120:132] = None
    found = cut_texts(source, labels, ["a"], min_support=8, alpha=0.05)
    assert [one.rate for one in found] == pytest.approx([8 / 68])


def test_characters_are_those_of_the_text(unequal: NamedStore) -> None:
    expected = [3 * n - 1 for n in (*LONG, *SHORT, 500)]
    assert characters(unequal).tolist() == expected


@pytest.mark.parametrize("n", [0, 7, 1024])
def test_a_length_can_be_read_back_from_its_name(n: int) -> None:
    assert length_of_name(length_named(n)) == n


@pytest.mark.parametrize("feature", [3, "length", "lengthy", "the length 3", "word"])
def test_other_features_are_no_length(feature: int | str) -> None:
    assert length_of_name(feature) is None

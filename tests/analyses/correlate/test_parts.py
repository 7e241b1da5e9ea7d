"""What only divides a corpus into its sources is no finding; what is odd within them stays one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.correlate.analysis import correlate
from corpuscope.analyses.correlate.parts import large_groups
from corpuscope.analyses.correlate.result import CorrelateResult
from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.errors import ColumnNotFound
from tests.analyses.worlds import Made, noise, write
from tests.asking import ask

HERE, FORM, ONE, TWO = 5, 6, 3, 20
LABELS = {HERE: "weather", FORM: "poems", ONE: "baseball", TWO: "slang"}


def directions(sizes: list[int], *, spread: float = 1.0, seed: int = 0) -> np.ndarray:
    """Groups of vectors around centres that have nothing to do with each other."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((len(sizes), PHRASE_WIDTH)) * 1.5
    around = [
        centre + spread * rng.standard_normal((n, PHRASE_WIDTH))
        for centre, n in zip(centres, sizes, strict=True)
    ]
    points = np.concatenate(around)
    scaled: np.ndarray = points / np.linalg.norm(points, axis=1, keepdims=True)
    return scaled


def mixed(seed: int = 0, *, n: int = 600, with_vectors: bool = True) -> list[Made]:
    """Two sources with a feature of topic and one of form each; ten odd texts among them."""
    rng = np.random.default_rng(seed)
    rows = noise(rng, n, n_words=40)
    vectors = directions([n // 2, n - n // 2], seed=seed)
    for number, made in enumerate(rows):
        of_first = number < n // 2
        made.metadata = {"source": "essays" if of_first else "tasks", "odd": number % 60 == 0}
        made.features -= {HERE, FORM, ONE, TWO}
        made.features |= {f for f in (HERE, FORM) if rng.random() < (0.4 if of_first else 0.02)}
        rare = {ONE, TWO} if number % 60 == 0 else {ONE} if number % 97 == 0 else set()
        made.features |= rare
        places = rng.permutation(40)
        made.peaks = {f: int(places[f % 40]) if f < 15 else 0 for f in range(30)}
        made.vector = vectors[number].astype(np.float16) if with_vectors else None
    return rows


def found_in(path: Path, rows: list[Made], **options: Any) -> CorrelateResult:
    store = write(path / "a.scope", rows, labels=LABELS, label_source="people")
    return ask(correlate, store, min_npmi=0.2, min_support=5, rename=False, **options)


def pairs(found: CorrelateResult) -> set[tuple[int | str, int | str]]:
    return {(one.feature_a, one.feature_b) for one in found.findings}


def test_what_divides_two_sources_is_left_out_and_told(tmp_path: Path) -> None:
    rows = mixed()
    as_it_is = found_in(tmp_path / "1", rows, parts=False)
    assert pairs(as_it_is) == {(HERE, FORM), (ONE, TWO)}
    assert as_it_is.n_parts == 1
    held = found_in(tmp_path / "2", rows)
    assert pairs(held) == {(ONE, TWO)}
    assert held.n_parts > 1
    assert held.n_divided == 1


def test_odd_texts_that_are_all_of_one_source_stay_a_finding(tmp_path: Path) -> None:
    rows = mixed()
    for number, made in enumerate(rows):
        made.features -= {ONE, TWO}
        made.features |= {ONE, TWO} if number % 30 == 0 and number < 300 else set()
        made.features |= {ONE} if number % 97 == 0 else set()
    found = found_in(tmp_path, rows)
    assert pairs(found) == {(ONE, TWO)}
    assert found.findings[0].lift > 1.5 * found.findings[0].lift_within


@pytest.mark.parametrize("options", [{"within": ["source"]}, {"within": "source"}])
def test_a_column_can_say_what_the_sources_are(tmp_path: Path, options: dict[str, Any]) -> None:
    found = found_in(tmp_path, mixed(with_vectors=False), **options)
    assert pairs(found) == {(ONE, TWO)}
    assert found.n_parts == 2


def test_lifts_are_told_as_they_are_and_within_parts(tmp_path: Path) -> None:
    rows = mixed()
    one = found_in(tmp_path, rows, within=["source"]).findings[0]
    n_both = np.array([{ONE, TWO} <= made.features for made in rows])
    first, second = (np.array([f in made.features for made in rows]) for f in (ONE, TWO))
    assert one.lift == pytest.approx(n_both.sum() * len(rows) / first.sum() / second.sum())
    of_first = np.arange(len(rows)) < 300
    by_chance = sum(
        first[here].sum() * second[here].sum() / here.sum() for here in (of_first, ~of_first)
    )
    assert one.lift_within == pytest.approx(n_both.sum() / by_chance)


def test_a_warning_says_what_the_parts_are_where_most_pairs_divide_them(tmp_path: Path) -> None:
    rows = mixed()
    rng = np.random.default_rng(1)
    for number, made in enumerate(rows):
        rate = 0.4 if number < 300 else 0.02
        made.features -= {7, 8}
        made.features |= {f for f in (7, 8) if rng.random() < rate}
    named = found_in(tmp_path / "1", rows, within=["source"]).warnings
    assert any("reflect 2 parts" in one and "the values of 'source'" in one for one in named)
    for made in rows:
        del made.metadata["source"]
    told = found_in(tmp_path / "2", rows).warnings
    assert any("most pairs" in one and "weather" in one for one in told)


def test_without_vectors_nothing_is_held(tmp_path: Path) -> None:
    found = found_in(tmp_path, mixed(with_vectors=False))
    assert found.n_parts == 1
    assert np.isnan(found.findings[0].lift_within)
    assert not any("parts" in one for one in found.warnings)


def test_worlds_that_differ_by_source_alone_have_no_findings(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n_found = n_divided = 0
    for seed in range(6):
        rows = noise(rng, 400, n_words=40)
        rates = rng.random((2, 30)) ** 3
        for number, made in enumerate(rows):
            made.metadata = {"source": str(number % 2)}
            made.features = set(np.flatnonzero(rng.random(30) < rates[number % 2]).tolist())
            places = rng.permutation(40)
            made.peaks = {f: int(places[f]) if f < 15 else 0 for f in range(30)}
        n_found += len(found_in(tmp_path / str(seed), rows, within=["source"]))
        n_divided += len(found_in(tmp_path / f"{seed} as it is", rows))
    assert n_found <= 1
    assert n_divided >= 6


def test_parts_are_the_sources_and_never_a_few_odd_texts() -> None:
    for sizes in ([300, 300, 30], [200, 200, 200, 20], [600, 40]):
        codes = large_groups(directions(sizes))
        assert np.bincount(codes).min() >= 0.12 * sum(sizes)
    codes = large_groups(directions([300, 300]))
    first = np.arange(600) < 300
    assert not set(codes[first].tolist()) & set(codes[~first].tolist())


def test_few_documents_are_one_part() -> None:
    assert set(large_groups(directions([20, 20])).tolist()) == {0}


def test_an_unknown_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColumnNotFound):
        found_in(tmp_path, mixed(n=100), within=["place"])

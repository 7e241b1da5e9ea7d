"""Only documents of one length and one stratum are held against each other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.comparison.covariates import (
    Covariates,
    covariates_of,
    crossed,
    n_sentences,
    strata_of,
)
from corpuscope.errors import ColumnNotFound
from corpuscope.labels.named_store import NamedStore
from tests.analyses import worlds
from tests.analyses.worlds import Made, record, write

pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20)


@settings(max_examples=40)
@given(pairs)
def test_crossed_numbers_are_equal_where_both_are(numbers: list[tuple[int, int]]) -> None:
    left, right = np.array(numbers, dtype=np.int64).reshape(-1, 2).T
    ordered = sorted(set(numbers))
    assert crossed(left, right).tolist() == [ordered.index(pair) for pair in numbers]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Of texts of 1 to 6 words in 1 to 3 sentences, in two stores."""
    folder = tmp_path_factory.mktemp("covariates")
    made = [
        Made(["w"] * n, metadata={"year": year, "kind": kind}, n_sentences=n_sentences)
        for n, n_sentences, year, kind in (
            (1, 1, 2020, "a"), (2, 1, 2021, "a"), (4, 2, 2020, "b"), (6, 3, 2020, "a"),
            (5, 1, None, "b"),
        )
    ]  # fmt: skip
    return NamedStore([write(folder / "a", made[:2]), write(folder / "b", made[2:])])


def test_lengths_are_in_tokens_and_in_sentences(source: NamedStore) -> None:
    found = covariates_of(source, [])
    assert found.lengths.tolist() == [1, 2, 4, 6, 5]
    assert found.sentences is not None
    assert found.sentences.tolist() == n_sentences(source).tolist() == [1, 1, 2, 3, 1]
    assert found.strata.tolist() == [0] * 5


def test_strata_have_equal_values_in_all_columns(source: NamedStore) -> None:
    assert strata_of(source, ["year"]).tolist() == [0, 1, 0, 0, 2]
    assert strata_of(source, ["kind"]).tolist() == [0, 0, 1, 0, 1]
    both, turned = strata_of(source, ["year", "kind"]), strata_of(source, ["kind", "year"])
    assert len(set(both.tolist())) == len(set(turned.tolist())) == 4
    assert both[0] == both[3] != both[2]
    assert turned[0] == turned[3] != turned[2]
    assert covariates_of(source, ["year"]).strata.tolist() == [0, 1, 0, 0, 2]
    with pytest.raises(ColumnNotFound, match="colour"):
        strata_of(source, ["year", "colour"])


def test_sentences_are_left_out_where_none_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = np.empty((0, 2), dtype=np.uint32)
    records = [replace(record("d", Made(["w"])), sentence_spans=nothing)]
    monkeypatch.setattr(worlds, "record", lambda id, made: records[0])
    source = NamedStore(write(tmp_path / "a", [Made(["w"])]))
    assert n_sentences(source).tolist() == [0]
    assert covariates_of(source, []).sentences is None


LENGTHS = np.array([10, 10, 1000, 1000, 10, 0])
STRATA = np.array([0, 1, 0, 0, 0, 0])


def test_documents_of_one_length_and_stratum_are_together() -> None:
    (found,) = Covariates(LENGTHS, STRATA).within(np.arange(6))
    assert found.tolist() == [1, 2, 3, 3, 1, 0]
    (some,) = Covariates(LENGTHS, STRATA).within(np.array([4, 1, 0]))
    assert some.tolist() == [0, 1, 0]


def test_with_sentences_documents_are_divided_twice_and_not_by_both_at_once() -> None:
    sentences = np.array([1, 1, 1, 9, 9, 1])
    by_tokens, by_sentences = Covariates(LENGTHS, STRATA, sentences).within(np.arange(6))
    assert by_tokens.tolist() == [1, 2, 3, 3, 1, 0]
    assert by_sentences.tolist() == [0, 1, 0, 2, 2, 0]


def test_documents_are_exchangeable_within_keys_or_else_within_lengths() -> None:
    found = Covariates(LENGTHS, STRATA)
    rows = np.array([0, 4, 1])
    assert found.comparable(rows, np.array([-1, -1, -1])).tolist() == [0, 0, 1]
    assert found.comparable(rows, np.array([7, -1, 3])).tolist() == [7, -1, 3]
    assert found.comparable(rows, np.array([0, 0, 0])).tolist() == [0, 0, 0]

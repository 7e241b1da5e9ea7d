"""Features are tested that enough documents have, and as many have not."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison import tested_features
from corpuscope.analyses.comparison.tested_features import (
    kind_of,
    label_of,
    label_source_of,
    own_label_of,
    supported_features,
)
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write

N = 20
TOKEN, SENTENCE = 3, 20


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Feature `f` is in the first `f` documents, in all of them from 20 on; so is a word."""
    made = [
        Made(
            ["all", f"only{chr(97 + i)}", *(["half"] if i < N // 2 else [])], set(range(i + 1, 30))
        )
        for i in range(N)
    ]
    labels = {TOKEN: "three of a kind", SENTENCE: "everywhere"}
    path = tmp_path_factory.mktemp("tested") / "a"
    return NamedStore(write(path, made, labels=labels, label_source="people"))


COLUMNS = tested_features.TestedFeatures(
    sp.csr_array(np.array([[1, 0, 1, 0], [0, 1, 1, 0]], dtype=bool)),
    np.array([TOKEN, SENTENCE]),
    ["half", "‹list›"],
)


def supported(
    source: NamedStore, rows: np.ndarray | None = None, **options: object
) -> list[object]:
    usual = {"words": False, "features": True, "min_support": 5, "level": None} | options
    every = np.ones(N, dtype=bool) if rows is None else rows
    found = supported_features(source, every, **usual)  # type: ignore[arg-type]
    assert found.presence.shape == (N, len(found))
    return [found.name(column) for column in range(len(found))]


def test_columns_are_dictionary_features_and_then_words() -> None:
    assert len(COLUMNS) == 4
    assert [COLUMNS.is_word(column) for column in range(4)] == [False, False, True, True]
    assert [COLUMNS.name(column) for column in range(4)] == [TOKEN, SENTENCE, "half", "‹list›"]


def test_some_columns_keep_their_names_and_documents() -> None:
    some = COLUMNS.among(np.array([False, True, True, False]))
    assert [some.name(column) for column in range(len(some))] == [SENTENCE, "half"]
    assert some.presence.toarray().tolist() == [[False, True], [True, True]]
    nothing = COLUMNS.among(np.zeros(4, dtype=bool))
    assert len(nothing) == 0
    assert nothing.presence.shape == (2, 0)


@pytest.mark.parametrize("least", [1, 5, 10, 11])
def test_as_many_must_have_it_as_must_lack_it(source: NamedStore, least: int) -> None:
    assert supported(source, min_support=least) == list(range(least, N + 1 - least))


def test_only_documents_that_take_part_are_counted(source: NamedStore) -> None:
    some = np.arange(N) < 12
    assert supported(source, some) == [5, 6, 7]
    assert supported(source, np.zeros(N, dtype=bool)) == []


def test_words_are_tested_beside_features(source: NamedStore) -> None:
    assert supported(source, words=True, min_support=10) == [10, "half"]
    assert supported(source, words=True, features=False, min_support=10) == ["half"]
    assert supported(source, words=False, features=False) == []


def test_a_level_raises_all_thresholds(source: NamedStore) -> None:
    """Strengths are at most twice their thresholds of a half, and then some."""
    many, few = supported(source), supported(source, level=3.5)
    assert few != many
    assert supported(source, level=1.0) == many
    assert supported(source, level=100.0) == []


def test_presence_is_that_of_the_names(source: NamedStore) -> None:
    found = supported_features(
        source, np.ones(N, dtype=bool), words=True, features=True, min_support=10, level=None
    )
    dense = found.presence.toarray() != 0
    first_half = (np.arange(N) < 10).tolist()
    assert [dense[:, column].tolist() for column in range(2)] == [first_half] * 2


def test_a_column_has_a_kind_a_label_and_its_source(source: NamedStore) -> None:
    every = range(4)
    assert [kind_of(source, COLUMNS, c) for c in every] == ["token", "sentence", "word", "word"]
    told = ["three of a kind", "everywhere", '"half"', "‹list›"]
    assert [label_of(source, COLUMNS, c) for c in every] == told
    assert [own_label_of(source, COLUMNS, c) for c in every] == told
    assert [label_source_of(source, COLUMNS, c) for c in every] == [
        "people", "people", "word", "word"
    ]  # fmt: skip


def test_a_label_that_does_not_suit_these_texts_is_kept_for_comparing_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("labels") / "a"
    made = [Made(["all", "half"], {TOKEN}) for _ in range(3)]
    source = NamedStore(write(path, made, labels={TOKEN: '"elsewhere"'}, label_source="words"))
    assert label_of(source, COLUMNS, 0) == f"feature {TOKEN}"
    assert own_label_of(source, COLUMNS, 0) == '"elsewhere"'
    assert label_source_of(source, COLUMNS, 0) == "number"

"""Which documents take part: each text once, and of two stores the ids that both have."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.views import joined_views, strata_codes, view_of
from corpuscope.errors import ColumnNotFound, InputError, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write

N = 30
TEXTS = [f"text {chr(97 + i % 26)}{chr(97 + i // 26)}q" for i in range(N)]


def source_of(
    path: Path, texts: Sequence[str] = TEXTS, ids: Sequence[str] | None = None
) -> NamedStore:
    made = [
        Made(text.split(), {i % 3, 7}, {"author": None if i < 2 else f"a{i // 4}"})
        for i, text in enumerate(texts)
    ]
    return NamedStore(write(path, made, ids=ids))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Document 5 repeats 2, and 9 repeats 8."""
    texts = [TEXTS[{5: 2, 9: 8}.get(i, i)] for i in range(N)]
    return source_of(tmp_path_factory.mktemp("views") / "s", texts)


def test_a_view_has_the_features_that_enough_of_its_documents_have(source: NamedStore) -> None:
    rows = np.array([0, 3, 6, 1, 4, 29, 28, 27, 26, 25])
    found = view_of(source, rows, CorrelateSettings(min_support=2))
    # Of these ten four have feature 0, four 1 and two 2, and all have feature 7.
    assert found.columns.features.tolist() == [0, 1, 2]
    expected = rows[:, None] % 3 == np.arange(3)
    assert (found.presence.toarray() == expected).all()
    assert found.n_tokens.tolist() == [2] * 10
    assert found.values("author").tolist()[:3] == [None, "a0", "a1"]
    for least, features in ((3, [0, 1]), (4, [0, 1]), (5, [])):
        few = view_of(source, rows, CorrelateSettings(min_support=least))
        assert few.columns.features.tolist() == features
    with pytest.raises(ColumnNotFound, match="mood"):
        found.values("mood")


def test_a_view_may_have_words_or_words_alone(source: NamedStore) -> None:
    some = np.arange(N)
    with_words = view_of(source, some, CorrelateSettings(min_support=2, words=True))
    # Those of documents 2 and 3: the first of them is copied.
    assert "cq" not in with_words.columns.words
    assert "caq" in with_words.columns.words
    assert "daq" not in with_words.columns.words
    alone = view_of(source, some, CorrelateSettings(min_support=2, words=True, features=False))
    assert len(alone.columns.features) == 0
    assert alone.presence.shape == (N, len(alone.columns.words))


def test_how_strong_a_feature_must_be_can_be_asked(source: NamedStore) -> None:
    found = view_of(source, np.arange(N), CorrelateSettings(min_support=5, level=2.5))
    # Two and a half times the threshold of .5.
    strong = source.stores[0].strengths().to_csr().toarray()[:, found.columns.features] > 1.25
    assert (found.presence.toarray() == strong).all()
    assert 7 in found.columns.features


def test_each_text_counts_once(source: NamedStore) -> None:
    found = joined_views(source, None)
    assert found.left.tolist() == [i for i in range(N) if i not in (5, 9)]
    assert found.right is found.left or found.right.tolist() == found.left.tolist()
    (warning,) = found.warnings
    assert "2" in warning
    assert joined_views(source, None, among=np.arange(N) != 9).left.tolist() == found.left.tolist()


def test_only_those_asked_for_take_part(source: NamedStore) -> None:
    among = np.arange(N) % 10 != 2
    assert 2 not in joined_views(source, None, among=among).left
    # Its copy is the first of the text now.
    assert 5 in joined_views(source, None, among=among).left
    with pytest.raises(InputError, match="among"):
        joined_views(source, None, among=[True])


def test_of_each_author_one_document_counts_and_those_without_all_do(tmp_path: Path) -> None:
    texts = [f"w{i} x{i}" for i in range(100)]
    source = source_of(tmp_path / "s", texts)
    drawn = [joined_views(source, None, one_per="author", seed=seed) for seed in range(5)]
    for found in drawn:
        assert found.left.tolist() == sorted(found.left.tolist())
        assert {0, 1} <= set(found.left.tolist())
        authors = source.column("author")[found.left].tolist()[2:]
        assert sorted(authors) == sorted({f"a{i // 4}" for i in range(2, 100)})
        assert any("author" in one and "73" in one for one in found.warnings)
    assert len({tuple(found.left.tolist()) for found in drawn}) > 1
    with pytest.raises(ColumnNotFound, match="mood"):
        joined_views(source, None, one_per="mood")


def test_two_stores_are_joined_by_ids_in_the_order_of_the_first(tmp_path: Path) -> None:
    left = source_of(tmp_path / "a", ids=[f"x{i}" for i in range(N)])
    order = np.random.default_rng(0).permutation(N)[:25]
    right = source_of(tmp_path / "b", [TEXTS[i] for i in order], ids=[f"x{i}" for i in order])
    found = joined_views(left, right)
    assert found.left.tolist() == sorted(order.tolist())
    assert left.ids[found.left].tolist() == right.ids[found.right].tolist()
    (warning,) = found.warnings
    assert "5" in warning
    some = joined_views(left, right, among=np.arange(N) >= 1)
    assert some.left.tolist() == [row for row in found.left.tolist() if row >= 1]
    assert left.ids[some.left].tolist() == right.ids[some.right].tolist()


def test_of_two_stores_only_what_is_the_same_in_both_is_a_copy(tmp_path: Path) -> None:
    left = source_of(tmp_path / "a", ["same text"] * 6 + TEXTS[6:])
    right = source_of(tmp_path / "b", ["one answer"] * 3 + TEXTS[3:])
    found = joined_views(left, right)
    assert found.left.tolist() == [0, *range(3, N)]
    assert any("2" in one for one in found.warnings)


def test_ids_that_are_twice_or_in_one_store_only_are_told(tmp_path: Path) -> None:
    left = source_of(tmp_path / "a")
    twice = source_of(tmp_path / "b", ids=["d3" if i == 4 else f"d{i}" for i in range(N)])
    other = source_of(tmp_path / "c", ids=[f"z{i}" for i in range(N)])
    for pair, name in (((left, twice), "'d3'"), ((twice, left), "'d3'"), ((left, other), "'z0'")):
        with pytest.raises(InputError, match=name) as caught:
            joined_views(*pair)
        assert caught.value.expected
        assert caught.value.next_step


@pytest.mark.parametrize(("n", "is_enough"), [(19, False), (20, True)])
def test_twenty_different_texts_are_needed(source: NamedStore, n: int, is_enough: bool) -> None:
    kept = [i for i in range(N) if i not in (5, 9)][:n]
    among = np.isin(np.arange(N), [*kept, 9])
    if is_enough:
        assert len(joined_views(source, None, among=among).left) == n
    else:
        with pytest.raises(NotEnoughData, match=str(n)):
            joined_views(source, None, among=among)


def test_strata_are_numbered_by_all_columns_together() -> None:
    values = [np.array(["a", "b", "a", None], dtype=object),
              np.array([1, 1, 2, 1], dtype=object)]  # fmt: skip
    lengths = np.array([5, 5, 5, 5])
    assert len(set(strata_codes(values, lengths).tolist())) == 4
    assert len(set(strata_codes(values[:1], lengths).tolist())) == 3
    found = strata_codes(values[1:], np.array([0, 1, 0, 1]))
    assert found[1] == found[3] != found[0] != found[2]
    assert sorted(set(found.tolist())) == [0, 1, 2]
    assert strata_codes([], np.array([3, 1])).tolist() == [3, 1]

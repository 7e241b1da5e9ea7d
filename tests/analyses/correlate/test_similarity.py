"""How alike features are: cosines as ranks among the random pairs of the corpus."""

from collections.abc import Sequence

import numpy as np
import pytest

from corpuscope.analyses.correlate import similarity as module
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.views import View
from tests.analyses.correlate.views import Named, view


def at(*degrees: float) -> np.ndarray:
    """Vectors of length 1 in these directions."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


NAMES, CONTEXTS = at(0, 10, 40, 90, 180), at(0, 80, 85, 200, 20)


def views(*, contexts: bool = True, words: Sequence[str] = ()) -> View:
    source = Named(["red", "crimson", "blue", "cold", "law"])
    source.means(NAMES, CONTEXTS if contexts else None)
    return view(np.zeros((3, 5 + len(words))), source=source, words=words)


def ranked(vectors: np.ndarray, a: int, b: int) -> float:
    """The share of all pairs of two features that are less alike; by brute force."""
    every = [float(vectors[i] @ vectors[j]) for i in range(5) for j in range(5) if i != j]
    return sum(one < float(vectors[a] @ vectors[b]) - 1e-6 for one in every) / len(every)


@pytest.mark.parametrize("pair", [(0, 1), (1, 3), (0, 4), (2, 3)])
def test_a_rank_is_the_larger_of_names_and_contexts(pair: tuple[int, int]) -> None:
    one = views()
    found = Similarity(one, one).rank(np.array([pair[0]]), np.array([pair[1]]))
    expected = max(ranked(NAMES, *pair), ranked(CONTEXTS, *pair))
    assert found.tolist() == pytest.approx([expected])


def test_companions_count_as_well() -> None:
    source = Named(["a", "b", "c"]).means(np.zeros((3, 2)), np.zeros((3, 2)), at(0, 5, 90))
    one = view(np.zeros((3, 3)), source=source)
    found = Similarity(one, one).rank(np.array([0, 0]), np.array([1, 2]))
    assert found.tolist() == pytest.approx([4 / 6, 0])


def test_other_names_can_be_given() -> None:
    one = views(contexts=False)
    pairs = np.array([0]), np.array([4])
    similarity = Similarity(one, one)
    assert similarity.rank(*pairs).tolist() == [0]
    assert similarity.rank(*pairs, names=[0.95]).tolist() == pytest.approx([18 / 20])


def test_of_words_and_of_features_without_vectors_nothing_is_known() -> None:
    one = views(words=["zinc"])
    found = Similarity(one, one).rank(np.array([0, 5]), np.array([5, 5]))
    assert np.isnan(found).all()
    nothing = view(np.zeros((2, 2)), source=Named(["a", "b"]).means(np.zeros((2, 2))))
    assert np.isnan(Similarity(nothing, nothing).rank(np.array([0]), np.array([1]))).all()


def test_columns_are_told_from_the_numbers_of_features() -> None:
    source = Named(["", "red", "", "crimson", "law"]).means(at(0, 0, 90, 10, 170))
    one = view(np.zeros((3, 3)), source=source, features=[1, 3, 4])
    found = Similarity(one, one).rank(np.array([0, 0]), np.array([1, 2]))
    # Of 1 and 3, 1 and 4, and 3 and 4: cosines of 10, 170 and 160 degrees.
    assert found.tolist() == pytest.approx([4 / 6, 0])


def test_many_pairs_are_compared_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    one = views()
    pairs = tuple(grid.ravel() for grid in np.meshgrid(np.arange(5), np.arange(5)))
    whole = Similarity(one, one).rank(*pairs)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 3)
    np.testing.assert_array_equal(Similarity(one, one).rank(*pairs), whole)


def test_among_many_features_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DRAWN", 3)
    one = views(contexts=False)
    pairs = np.array([0]), np.array([1])
    found = {float(Similarity(one, one, seed).rank(*pairs)[0]) for seed in range(12)}
    # Of six pairs of three, or of up to nine where other three are drawn on the right.
    assert len(found) > 1
    assert max(found) <= 1


def brute_force(likeness: np.ndarray) -> np.ndarray:
    """The mean likeness of all pairs, weighted by how like the features of each are."""
    n = len(likeness)
    weights = np.exp((likeness - 1) / 0.1)
    shares = weights / weights.sum(axis=1, keepdims=True)
    found = np.zeros((n, n))
    for a in range(n):
        for b in range(n):
            found[a, b] = sum(
                shares[a, i] * shares[b, j] * likeness[i, j] for i in range(n) for j in range(n)
            )
    return found


def test_likeness_among_others_is_a_weighted_mean_over_features_like_the_two() -> None:
    one = views()
    similarity = Similarity(one, one)
    chosen = np.array([0, 2, 3])
    square = similarity.rank(np.repeat(chosen, 3), np.tile(chosen, 3)).reshape(3, 3)
    np.fill_diagonal(square, 1)
    expected = brute_force(square)
    found = similarity.among_likes(np.array([0, 3, 0]), np.array([2, 2, 3]))
    assert found.tolist() == pytest.approx([expected[0, 1], expected[2, 1], expected[0, 2]])


def test_between_two_views_likes_are_of_the_own_side_and_unknown_ones_half() -> None:
    left = view(np.zeros((2, 3)), source=Named(["a", "b", "c"]).means(at(0, 20, 80)))
    right = view(np.zeros((2, 2)), source=Named(["d", "e"]).means(np.stack([at(5)[0], [0, 0]])))
    found = Similarity(left, right).among_likes(np.array([0, 1]), np.array([0, 1]))
    # On the left, of six pairs a and b are the most alike: four are less so. On the right nothing
    # is known. Across, both b and c are less like d than a is, which has its number and makes no
    # random pair; and c is less like it than b.
    own, others = (np.exp((np.array([[1, x], [x, 1]]) - 1) / 0.1) for x in (4 / 6, 0.5))
    own, others = (one / one.sum(axis=1, keepdims=True) for one in (own, others))
    expected = own @ np.array([[1, 0.5], [0.5, 0.5]]) @ others.T
    assert found.tolist() == pytest.approx([expected[0, 0], expected[1, 1]])


def test_names_are_compared_by_their_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def embedded(names: Sequence[str]) -> np.ndarray:
        asked.append(list(names))
        return np.array([at(60 if name == "sky" else 0)[0] for name in names]).reshape(-1, 2)

    monkeypatch.setattr(module, "embedded_names", embedded)
    one = views()
    similarity = Similarity(one, one)
    found = similarity.of_names([("red", "sky"), ("sky", "cold"), ("red", "feature 7")])
    assert found[:2] == pytest.approx([np.cos(np.pi / 3), np.cos(np.pi / 6)], abs=1e-6)
    assert np.isnan(found[2])
    # The dictionary's own names have vectors, and no name is embedded twice.
    assert "sky" in asked[0]
    assert "red" not in asked[0]
    similarity.of_names([("sky", "red"), ("moon", "sky")])
    assert asked[1] == ["moon"]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [("apples and pears", "to apply it", False), ("green apples", "an applet", True),
     ("Red wine", "the RED car", True), ("an ox", "an ox cart", False), ("red", "blue", False)],
)  # fmt: skip
def test_names_share_a_word_if_two_of_three_letters_begin_alike(
    one: str, other: str, share: bool
) -> None:
    two = view(np.zeros((2, 2)), source=Named([one, other]))
    found = Similarity(two, two).share_a_word(np.array([0]), np.array([1]))
    assert found.tolist() == [share]


def test_words_of_many_names_say_nothing() -> None:
    def shared(n: int) -> bool:
        labels = [f"forms of {chr(97 + i)}{chr(107 + i)}xyz" for i in range(n)]
        one = view(np.zeros((2, n)), source=Named(labels))
        return bool(Similarity(one, one).share_a_word(np.array([0]), np.array([1]))[0])

    assert shared(10)
    assert not shared(11)

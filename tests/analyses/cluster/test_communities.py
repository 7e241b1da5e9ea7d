"""Communities of a graph of neighbours, put together until there are as many as wanted."""

import numpy as np
import pytest

from corpuscope.analyses.cluster import communities as module
from corpuscope.analyses.cluster.communities import communities


def graph(n: int, edges: dict[tuple[int, int], float]) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours and affinities; an edge is listed by the first of its two documents alone."""
    own: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for (first, second), weight in edges.items():
        own[first].append((second, weight))
    width = max(map(len, own))
    near, affinity = np.full((n, width), -1), np.zeros((n, width), dtype=np.float32)
    for row, found in enumerate(own):
        for at, (other, weight) in enumerate(found):
            near[row, at], affinity[row, at] = other, weight
    return near, affinity


def cliques(n_cliques: int, size: int, **links: float) -> dict[tuple[int, int], float]:
    """Cliques of some documents; `a_b=0.5` links every document of the one to one of the other."""
    edges = {
        (size * clique + i, size * clique + j): 1.0
        for clique in range(n_cliques) for i in range(size) for j in range(i + 1, size)
    }  # fmt: skip
    for name, weight in links.items():
        first, second = ("abcdef".index(one) for one in name.split("_"))
        edges |= {(size * first + i, size * second + i): weight for i in range(size)}
    return edges


def same(labels: np.ndarray, *sets: range) -> bool:
    """Whether these documents, and no others, share a community each."""
    told = [set(labels[list(one)].tolist()) for one in sets]
    return all(len(one) == 1 for one in told) and len(set.union(*told)) == len(sets)


def test_cliques_are_the_communities() -> None:
    near, affinity = graph(18, cliques(3, 6, a_b=0.05, b_c=0.05))
    found = communities(near, affinity, 3)
    assert sorted(set(found.tolist())) == [0, 1, 2]
    assert same(found, range(6), range(6, 12), range(12, 18))


@pytest.mark.parametrize(("links", "pair"), [({"a_b": 0.4, "b_c": 0.1}, "ab"),
                                             ({"a_b": 0.1, "b_c": 0.4}, "bc"),
                                             ({"a_c": 0.4, "a_b": 0.1}, "ac")])  # fmt: skip
def test_the_two_that_are_linked_most_are_put_together(links: dict[str, float], pair: str) -> None:
    near, affinity = graph(18, cliques(3, 6, **links))
    found = communities(near, affinity, 2)
    assert sorted(set(found.tolist())) == [0, 1]
    parts = {name: found[6 * at : 6 * at + 6] for at, name in enumerate("abc")}
    merged = {int(label) for name in pair for label in parts[name]}
    (rest,) = set("abc") - set(pair)
    assert len(merged) == 1
    assert merged.isdisjoint(parts[rest].tolist())


def test_small_communities_join_before_large_ones() -> None:
    # All are linked alike; together a and b would have more links by chance than c and d.
    edges = cliques(2, 8, a_b=0.1)
    edges |= {(16 + i, 16 + j): 1.0 for i in range(3) for j in range(i + 1, 3)}
    edges |= {(19 + i, 19 + j): 1.0 for i in range(3) for j in range(i + 1, 3)}
    edges |= {(16 + i, 19 + i): 0.1 for i in range(3)} | {(0, 16): 0.1, (8, 19): 0.1}
    found = communities(*graph(22, edges), 3)
    assert same(found, range(8), range(8, 16), range(16, 22))


def test_more_communities_than_there_are_cliques_can_be_had() -> None:
    near, affinity = graph(12, cliques(2, 6))
    found = communities(near, affinity, 5)
    assert 2 <= found.max() + 1 <= 5
    assert set(found[:6].tolist()).isdisjoint(found[6:].tolist())


@pytest.mark.parametrize("n", [1, 2, 4])
def test_as_many_as_wanted_are_numbered_from_zero(n: int) -> None:
    near, affinity = graph(16, cliques(4, 4, a_b=0.2, b_c=0.2, c_d=0.2))
    assert sorted(set(communities(near, affinity, n).tolist())) == list(range(n))


def test_of_very_many_communities_the_smallest_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    edges = cliques(2, 5) | {(10, 11): 1.0}
    found = communities(*graph(20, edges), 3)
    assert same(found, range(5), range(5, 10), range(10, 20))


def test_which_of_two_documents_lists_the_other_does_not_matter() -> None:
    edges = cliques(3, 5, a_b=0.3, b_c=0.05)
    one = communities(*graph(15, edges), 2)
    other = communities(*graph(15, {(b, a): weight for (a, b), weight in edges.items()}), 2)
    assert len(set(zip(one.tolist(), other.tolist(), strict=True))) == 2

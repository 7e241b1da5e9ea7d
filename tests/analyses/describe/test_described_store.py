import numpy as np
import pytest

from corpuscope.analyses.describe.described_store import described, in_natural_order
from corpuscope.errors import ColumnNotFound
from corpuscope.store.lexical import lexical_presence
from corpuscope.store.store import Store, open_store
from tests.analyses.describe.worlds import N


def test_a_store_that_is_looked_at_again_is_ready(pairs: Store) -> None:
    assert described(pairs) is described(pairs) is described([pairs])
    assert described(open_store(pairs.path)) is not described(pairs)
    assert described([pairs, pairs]) is described([pairs, pairs])


def test_groups_are_numbered_in_natural_order(pairs: Store) -> None:
    groups = described(pairs).groups("year")
    assert groups.names == ("2000", "2001", "2002", "2003", "2004")
    assert groups.codes.tolist() == [row % 5 for row in range(N)]
    assert described(pairs).groups("note").codes.tolist() == [-(row % 3 > 0) for row in range(N)]
    with pytest.raises(ColumnNotFound):
        described(pairs).groups("yaer")


def test_documents_with_a_word_are_those_of_the_matrix(pairs: Store) -> None:
    words, matrix = described(pairs).words, lexical_presence(pairs, min_documents=1)
    dense = matrix.presence.toarray()
    for at, name in enumerate(matrix.names):
        assert words.rows(name).tolist() == np.flatnonzero(dense[:, at]).tolist()


def test_numbers_are_sorted_by_size_alone_and_within_names() -> None:
    assert in_natural_order({"10", "9", "-1.5"}) == ["-1.5", "9", "10"]
    assert in_natural_order({"10", "9", "x"}) == ["9", "10", "x"]
    assert in_natural_order({"topic 10", "topic 9", "topic"}) == ["topic", "topic 9", "topic 10"]
    assert in_natural_order({"9" * 5000, "²", "x1"}) == ["9" * 5000, "x1", "²"]
    assert in_natural_order(set()) == []

"""Ids are remembered by their hashes."""

from hypothesis import given
from hypothesis import strategies as st

from corpuscope.corpus import ids as ids_room
from corpuscope.corpus.ids import MetIds
from corpuscope.corpus.read import read_corpus


@given(st.lists(st.text(max_size=3)))
def test_an_id_counts_as_met_exactly_when_it_was(ids):
    met = MetIds()
    for position, id in enumerate(ids):
        assert met.add(id) == (id in ids[:position])


def test_the_table_grows_and_forgets_nothing():
    met = MetIds()
    assert not any(met.add(str(i)) for i in range(5000))
    assert all(met.add(str(i)) for i in range(5000))


def test_a_shared_hash_is_no_shared_id(monkeypatch):
    monkeypatch.setattr(ids_room, "hash", lambda id: 7, raising=False)
    rows = [{"id": name, "text": "x"} for name in "abc"]
    assert [document.id for document in read_corpus(rows)] == ["a", "b", "c"]

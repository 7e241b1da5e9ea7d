from pathlib import Path

from corpuscope.store.evidence import Evidence, strongest
from tests.store.worlds import record, write


def test_the_strongest_documents_come_first_with_the_words_that_show_it(tmp_path: Path) -> None:
    strengths = [1.0, 3.0, 2.0, 0.0, 3.0]
    records = [
        record(f"d{i}", "to the moon", strengths={5: (value, 2)} if value else {})
        for i, value in enumerate(strengths)
    ]
    store = write(tmp_path, records, size=2)
    found = strongest(store, 5, range(5), n=3, side="target")
    assert [entry.id for entry in found] == ["d1", "d4", "d2"]
    assert found[0] == Evidence("d1", "to the moon", "target", ((7, 11),), 3.0)
    assert found[0].text[slice(*found[0].spans[0])] == "moon"


def test_only_the_rows_asked_for_are_shown(tmp_path: Path) -> None:
    records = [record(str(i), strengths={5: (1.0 + i, 0)}) for i in range(6)]
    store = write(tmp_path, records)
    assert [entry.id for entry in strongest(store, 5, [4, 0, 2], n=2)] == ["4", "2"]
    assert strongest(store, 5, [], n=2) == []
    assert strongest(store, 6, range(6), n=2) == []
    assert strongest(store, 5, range(6), n=0) == []

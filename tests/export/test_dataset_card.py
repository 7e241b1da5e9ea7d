"""The card says how the strengths were made, and leaves licences to whoever shares it."""

from pathlib import Path

from corpuscope.export.dataset_card import dataset_card
from tests.store.worlds import random_records, write


def test_the_card_has_a_header_columns_and_provenance(tmp_path: Path) -> None:
    store = write(tmp_path / "s.scope", random_records(3))
    counts = {"documents": 3, "features": 40, "strengths": 1234}
    card = dataset_card({"train": store}, columns=["a|b\nc"], counts=counts)
    head, body = card.removeprefix("---\n").split("\n---\n", 1)
    assert head.splitlines()[0] == "configs:"
    assert 'path: "documents/train-*.parquet"' in head
    assert "3 documents with 1,234 strengths of 40 features" in body
    assert "| a\\|b c | metadata of the corpus |" in body
    assert "- language model: tiny" in body
    assert "licences of the texts" in body
    assert str(tmp_path) not in card

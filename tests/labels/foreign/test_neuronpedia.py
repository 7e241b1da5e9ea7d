from pathlib import Path

import pytest

from corpuscope.errors import InputError
from corpuscope.labels.foreign.neuronpedia import batches_in, read_neuronpedia
from tests.labels.foreign.worlds import SOURCE, explanation, write_batches


def test_all_batches_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    write_batches(tmp_path, {
        10: [explanation(0, "explained anew")], 2: [explanation(1, "second")],
        0: [explanation(0, "first"), explanation(3, "  ")],
    })  # fmt: skip
    found = read_neuronpedia(tmp_path)
    assert found.table["feature"].tolist() == [0, 3, 1, 0]
    assert found.table["label"].tolist() == ["first", None, "second", "explained anew"]
    assert found.counts == {"ok": 3, "empty": 1, "unparsed": 0, "withheld": 0}
    row = found.table.iloc[0]
    assert (row["source"], row["explainer"], row["method"], row["author"], row["source_id"]) == (
        "neuronpedia", "gpt-4o-mini", "oai_token-act-pair", "someone", "e0",
    )  # fmt: skip
    assert row["created_at"] == "2024-08-01T10:00:00.000Z"
    assert found.table["score"].isna().all()


def test_the_source_says_which_dictionary_it_is_of(tmp_path: Path) -> None:
    inner = write_batches(tmp_path, {0: [explanation(0, "a label")]})
    for path in (tmp_path, inner.parent, inner, inner / "batch-0.jsonl.gz"):
        origin = read_neuronpedia(path).origin
        assert (origin.sae_id, origin.model, origin.layer, origin.n_features) == (
            f"gemma-2-2b/{SOURCE}", "gemma-2-2b", 20, 16_384,
        )  # fmt: skip


@pytest.mark.parametrize(
    "embedding",
    [[0.1, 0.2], "[0.1, 0.2]", None, [], "", '0.1, "'],
    ids=["list", "text", "none", "nothing", "empty text", "another text"],
)
def test_vectors_of_labels_are_left_out_however_they_are_written(
    tmp_path: Path, embedding: object
) -> None:
    label = 'the key "embedding": [of] a dict'
    write_batches(tmp_path, {0: [explanation(5, label, embedding=embedding)]})
    table = read_neuronpedia(tmp_path).table
    assert table["label"].tolist() == [label]
    assert table["method"].tolist() == ["oai_token-act-pair"]


def test_only_batches_of_explanations_are_found(tmp_path: Path) -> None:
    inner = write_batches(tmp_path, {0: [explanation(0, "a label")]})
    features = inner.parent / "features"
    features.mkdir()
    (features / "batch-0.jsonl.gz").write_bytes((inner / "batch-0.jsonl.gz").read_bytes())
    (inner / "notes.txt").write_text("x")
    assert batches_in(tmp_path) == [inner / "batch-0.jsonl.gz"]
    assert batches_in(tmp_path / "nothing") == []


def test_what_is_no_explanation_is_told_with_its_line(tmp_path: Path) -> None:
    inner = write_batches(tmp_path, {0: [explanation(0, "a label"), {"index": "1", "maxAct": 2}]})
    with pytest.raises(InputError, match=r"line 2 of .*batch-0.* is no explanation"):
        read_neuronpedia(inner)


def test_labels_of_several_dictionaries_are_not_mixed(tmp_path: Path) -> None:
    lines = [explanation(0, "a label"), explanation(0, "another", layer="3-res")]
    with pytest.raises(InputError, match="of 2 dictionaries: gemma-2-2b/20"):
        read_neuronpedia(write_batches(tmp_path, {0: lines}))


def test_a_file_that_was_cut_short_is_an_error(tmp_path: Path) -> None:
    inner = write_batches(tmp_path, {0: [explanation(n, f"label {n}") for n in range(50)]})
    file = inner / "batch-0.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be unpacked"):
        read_neuronpedia(inner)

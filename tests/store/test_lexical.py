from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.texts.words import word_features
from corpuscope.store import lexical
from corpuscope.store.lexical import lexical_presence, spans
from tests.store.worlds import random_records, record, write


def counted_plainly(texts: list[str], minimum: int) -> tuple[list[str], np.ndarray]:
    """The same answer with a dictionary in memory."""
    of_text = [{name for name, _, _ in word_features(text)} for text in texts]
    counts = Counter(name for found in of_text for name in found)
    names = sorted(name for name, count in counts.items() if count >= minimum)
    presence = [[name in found for name in names] for found in of_text]
    return names, np.array(presence, dtype=bool).reshape(len(texts), len(names))


def test_names_in_enough_documents_are_counted_once_for_each(tmp_path: Path) -> None:
    texts = ["moon moon tide", "moon", "the tide"]
    store = write(tmp_path, [record(str(i), text) for i, text in enumerate(texts)], size=2)
    found = lexical_presence(store, min_documents=2)
    plain = [name for name in found.names if "‹" not in name]
    assert plain == ["moon", "tide"]
    columns = [found.names.index(name) for name in plain]
    assert found.presence.toarray()[:, columns].tolist() == [
        [True, True],
        [True, False],
        [False, True],
    ]


@pytest.mark.parametrize("minimum", [0, 1, 2, 30, 1000])
@pytest.mark.parametrize(("at_once", "n_counters"), [(1, 2), (50, 64), (1 << 20, 1 << 20)])
def test_the_answer_is_that_of_a_plain_count_however_small_the_tables(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    minimum: int,
    at_once: int,
    n_counters: int,
) -> None:
    monkeypatch.setattr(lexical, "_HASHES_AT_ONCE", at_once)
    monkeypatch.setattr(lexical, "_N_COUNTERS", n_counters)
    monkeypatch.setattr(lexical, "_TEXTS_AT_ONCE", 3)
    records = random_records(60)
    found = lexical_presence(write(tmp_path, records), min_documents=minimum)
    names, presence = counted_plainly([entry.document.text for entry in records], minimum)
    assert found.names == names
    np.testing.assert_array_equal(found.presence.toarray(), presence)
    assert found.presence.has_sorted_indices


def test_texts_without_words_have_empty_rows(tmp_path: Path) -> None:
    store = write(tmp_path, [record(str(i), text) for i, text in enumerate(["", "moon", ""])])
    found = lexical_presence(store, min_documents=1)
    assert found.presence.toarray().any(axis=1).tolist() == [False, True, False]
    assert lexical_presence(write(tmp_path / "none", []), min_documents=1).names == []


def test_texts_are_read_once_and_then_the_answer_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = write(tmp_path, random_records(20))
    first = lexical_presence(store, min_documents=3)
    monkeypatch.setattr(lexical, "_build", None)
    again = lexical_presence(store, min_documents=3)
    assert again.names == first.names
    np.testing.assert_array_equal(again.presence.toarray(), first.presence.toarray())
    with pytest.raises(TypeError):
        lexical_presence(store, min_documents=4)


def test_what_other_rules_found_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = write(tmp_path, random_records(20))
    lexical_presence(store, min_documents=3)
    monkeypatch.setattr(lexical, "_rules_digest", lambda: "other")
    monkeypatch.setattr(lexical, "_build", None)
    with pytest.raises(TypeError):
        lexical_presence(store, min_documents=3)


def test_no_temporary_file_stays_in_the_cache(tmp_path: Path) -> None:
    lexical_presence(write(tmp_path, random_records(20)), min_documents=1)
    names = {file.name for file in tmp_path.glob("cache/*/*/*")}
    assert names == {"checksums.json", "document_starts.npy", "names.npy", "names.parquet"}


@settings(max_examples=50)
@given(st.text("abc -.\n", max_size=40))
def test_spans_show_every_place_of_a_name(text: str) -> None:
    features = word_features(text)
    for name in {name for name, _, _ in features}:
        assert spans(text, name) == [
            [start, end] for found, start, end in features if found == name
        ]
    assert spans(text, "absent") == []

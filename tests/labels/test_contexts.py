from pathlib import Path

from corpuscope.labels.contexts import background, collect_contexts
from tests.labels.worlds import store_of
from tests.store.worlds import feature_table, record, write


def test_contexts_show_the_characters_of_the_peak(tmp_path: Path) -> None:
    found = collect_contexts(store_of(tmp_path), [0, 3], n=20)
    assert {c.unit for c in (*found[0].training, *found[0].held_out)} == {"however"}
    assert all(c.unit == c.text for c in found[3].training)
    assert (found[0].n_documents, found[0].kind, found[3].kind) == (50, "token", "sentence")


def test_training_and_held_out_share_no_document(tmp_path: Path) -> None:
    found = collect_contexts(store_of(tmp_path), range(5), n=30)
    for contexts in found.values():
        training = {c.document for c in contexts.training}
        held_out = {c.document for c in contexts.held_out}
        assert not training & held_out
        assert len(training) + len(held_out) <= 30
    assert len(found[0].held_out) == 12


def test_weak_contexts_are_there_beside_the_strongest(tmp_path: Path) -> None:
    records = [
        record(
            f"d{i}",
            f"word{chr(97 + i % 26)}{chr(97 + i // 26)} and so on here",
            strengths={0: (1.0 + i, 0)},
        )
        for i in range(200)
    ]
    store = write(tmp_path, records, n_features=1, features=feature_table(1))
    contexts = collect_contexts(store, [0], n=40)[0]
    strengths = [c.strength for c in (*contexts.training, *contexts.held_out)]
    assert len(strengths) == 40
    assert sum(value > 160 for value in strengths) >= 20
    assert sum(value < 150 for value in strengths) >= 10


def test_copies_of_a_sentence_count_once_and_parts_of_a_document_stay_together(
    tmp_path: Path,
) -> None:
    same = "this long sentence was copied from document to document"
    copies = [record(f"c{i}", f"{same} {i}", strengths={0: (1.0, 0)}) for i in range(30)]
    parts = [
        record(f"book#{i:02}", f"chapter {chr(97 + i)} is new", strengths={1: (1.0, 0)})
        for i in range(26)
    ]
    store = write(tmp_path, [*copies, *parts], n_features=2, features=feature_table(2))
    found = collect_contexts(store, [0, 1], n=20)
    assert len(found[0].training) + len(found[0].held_out) == 1
    assert len(found[1].training) + len(found[1].held_out) == 3
    assert found[1].held_out == ()


def test_a_feature_of_no_document_has_no_contexts(tmp_path: Path) -> None:
    contexts = collect_contexts(store_of(tmp_path), [1])[1]
    assert (contexts.training, contexts.held_out, contexts.n_documents) == ((), (), 0)


def test_a_seed_gives_the_same_contexts_and_another_seed_others(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    assert collect_contexts(store, [0], n=10, seed=1) == collect_contexts(store, [0], n=10, seed=1)
    assert collect_contexts(store, [0], n=10, seed=1) != collect_contexts(store, [0], n=10, seed=2)
    # A feature's contexts do not depend on which others are asked for.
    assert collect_contexts(store, [0, 3], n=10)[3] == collect_contexts(store, [3], n=10)[3]


def test_the_background_is_random_units_of_one_kind(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    tokens = background(store, "token", n=400)
    assert 300 < len(tokens) <= 400
    assert all(" " not in c.unit for c in tokens)
    assert len({c.row for c in tokens}) == store.n_documents
    sentences = background(store, "sentence", n=50, seed=3)
    assert all(c.unit == c.text for c in sentences)
    assert background(store, "sentence", n=50, seed=3) == sentences


def test_the_sentence_around_a_token_is_found_and_its_place_in_the_text(tmp_path: Path) -> None:
    rows = record("d", "One two three", strengths={0: (1.0, 1)})
    store = write(tmp_path, [rows], n_features=1, features=feature_table(1))
    (context,) = collect_contexts(store, [0])[0].training
    assert (context.text, context.unit) == ("One two three", "two")
    assert context.opens_text
    assert context.ends_text

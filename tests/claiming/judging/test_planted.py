"""Sentences are planted where nothing like them stands, on both sides alike."""

import numpy as np
import pytest

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.claiming.judging.planted import plant
from corpuscope.claiming.material import Shown
from corpuscope.labels.named_store import NamedStore
from tests.claiming.worlds import CERTAIN, DOUBT, quote, shown, statement, store

N = 800


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(store(tmp_path_factory.mktemp("planted") / "planted.scope"))


def findings(source: NamedStore) -> list[Shown]:
    presence = source.presence(None).toarray().astype(bool)
    return [
        shown(n_documents=N, has=tuple(np.flatnonzero(presence[:, feature])))
        for feature in (CERTAIN, DOUBT)
    ]


def contrast(*, is_paired: bool) -> Contrast:
    rows = np.arange(N, dtype=np.int64)
    return Contrast("old", rows[1::2], rows[::2], is_paired=is_paired)


def first_with(source: NamedStore, word: str) -> tuple[int, str]:
    texts = source.texts(list(range(N)))
    row = next(i for i, text in enumerate(texts) if word in text.split())
    return row, texts[row]


def statements(source: NamedStore) -> list:
    return [
        statement(quotes=(quote(*first_with(source, "certainly"), "certainly"),)),
        statement("The text says 'perhaps'.", side="reference", findings=(1,),
                  quotes=(quote(*first_with(source, "perhaps"), "perhaps"),)),
    ]  # fmt: skip


def test_the_sentence_stands_in_one_text_of_the_pair(source: NamedStore) -> None:
    found = plant(
        source, statements(source), findings(source), contrast(is_paired=True), n=60, seed=0
    )
    assert len(found) == 60
    for one in found:
        word = ("certainly", "perhaps")[one.statement]
        at = 0 if one.side == "target" else 1
        assert word in one.texts[at].split()
        assert word not in one.texts[1 - at].split()
        original = source.texts(list(one.rows))
        assert one.texts[1 - at] == original[1 - at]
        assert len(one.texts[at]) > len(original[at])
    for number in (0, 1):
        sides = [one.side for one in found if one.statement == number]
        assert sides.count("target") == sides.count("reference") == 15


def test_neutral_statements_are_in_neither_text(source: NamedStore) -> None:
    found = plant(
        source, statements(source), findings(source), contrast(is_paired=True), n=60, seed=0
    )
    assert any(one.neutral for one in found)
    for one in found:
        for other in one.neutral:
            word = ("certainly", "perhaps")[other]
            assert not any(word in text.split() for text in source.texts(list(one.rows)))


def test_single_texts_have_no_side(source: NamedStore) -> None:
    found = plant(
        source, statements(source), findings(source), contrast(is_paired=False), n=20, seed=0
    )
    assert {one.side for one in found} == {None}
    assert {len(one.texts) for one in found} == {1}


def test_what_has_no_place_is_not_planted(source: NamedStore) -> None:
    (first, second) = statements(source)
    cannot = [
        statement(quotes=first.quotes, has_place=False),
        statement(quotes=first.quotes, kind="degree"),
        statement(quotes=()),
        second,
    ]
    shown = [*findings(source)]
    found = plant(source, cannot, shown, contrast(is_paired=True), n=20, seed=0)
    assert {one.statement for one in found} == {3}
    assert plant(source, cannot[:3], shown, contrast(is_paired=True), n=20, seed=0) == []


def test_the_same_seed_plants_the_same(source: NamedStore) -> None:
    def planted(seed: int) -> list:
        return plant(
            source, statements(source), findings(source), contrast(is_paired=True), n=10, seed=seed
        )  # fmt: skip

    assert planted(1) == planted(1)
    assert planted(1) != planted(2)

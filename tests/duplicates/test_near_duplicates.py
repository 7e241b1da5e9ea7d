"""Copies, edited copies and wrapped copies are found; other texts are not."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.duplicates.near_duplicates import Listed, duplicates, duplicates_in, similar_groups
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, write


def of_words(words: list[str]) -> Made:
    return Made(words)


@pytest.fixture
def texts() -> list[list[str]]:
    """Sixty texts of forty random words."""
    rng = np.random.default_rng(3)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    return [
        ["".join(rng.choice(letters, rng.integers(3, 9))) for _ in range(40)] for _ in range(60)
    ]


def store_of(path: Path, made: list[list[str]]) -> Store:
    return write(path, [of_words(words) for words in made])


def test_each_way_of_being_alike_is_told(texts: list[list[str]], tmp_path: Path) -> None:
    loud = [word.upper() + "!" for word in texts[0]]
    typo = [*texts[1][:20], texts[1][20] + "x", *texts[1][21:]]
    dropped = [*texts[2][:7], *texts[2][8:30], *texts[2][31:]]
    wrapped = ["Please", "count", "the", "words", "in", *texts[3], "and", "then", *texts[4][:35]]
    half = texts[5][:20] + texts[6][20:]
    store = store_of(tmp_path / "s", [*texts, loud, typo, dropped, wrapped, half])
    found = {(one.first, one.second): one for one in duplicates(NamedStore(store))}
    assert {pair: one.how for pair, one in found.items()} == {
        (0, 60): "same", (1, 61): "nearly", (2, 62): "nearly", (3, 63): "within",
    }  # fmt: skip
    assert found[0, 60].similarity == 1
    assert all(0.8 <= one.similarity <= 1 for one in found.values())


def test_groups_join_what_is_alike_to_one(texts: list[list[str]]) -> None:
    chain = [texts[0], [*texts[0][1:], "added"], [*texts[0][2:], "added", "again"]]
    every = [" ".join(words) for words in (*texts[1:], *chain, texts[0])]
    groups = similar_groups(duplicates(Listed(every)), len(every))
    assert len(set(groups[59:].tolist())) == 1
    assert len(set(groups.tolist())) == 60


def test_only_rows_that_take_part_are_compared(texts: list[list[str]]) -> None:
    """Copies of one that does not take part are copies of each other."""
    every = [" ".join(words) for words in (*texts[:3], texts[0], texts[0], texts[1])]
    found = duplicates(Listed(every), [1, 2, 3, 4])
    assert [(one.first, one.second, one.how) for one in found] == [(3, 4, "same")]


def test_two_stores_are_searched_together(texts: list[list[str]], tmp_path: Path) -> None:
    one = write(tmp_path / "a", [Made(words) for words in texts[:30]])
    names = [f"b{i}" for i in range(31)]
    other = write(tmp_path / "b", [Made(words) for words in [*texts[30:], texts[2]]], ids=names)
    (found,) = duplicates(NamedStore([one, other]))
    assert (found.first, found.second, found.how) == (2, 60, "same")


def test_many_texts_of_one_template_are_not_compared_each_with_each(
    texts: list[list[str]], tmp_path: Path
) -> None:
    header = texts[0]
    filled = [[*header, *own[:30]] for own in texts[1:]]
    store = store_of(tmp_path / "s", [*filled, [*filled[40][:50], "other", *filled[40][51:]]])
    assert [(one.first, one.second) for one in duplicates(NamedStore(store))] == [(40, 59)]


def test_texts_of_signs_alone_are_the_same_only_sign_by_sign(tmp_path: Path) -> None:
    store = store_of(tmp_path / "s", [["..."], ["..."], ["?!"]])
    assert [(one.first, one.second) for one in duplicates(NamedStore(store))] == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("what is my account balance", "what is my acount balance", "nearly"),
        ("what is my account balance", "what is my account palance", "nearly"),
        ("what is my account balance", "What's my account balance?", None),
        ("what is my account balance", "what is my balance", "nearly"),
        ("what is my account balance", "what is my balance now", None),
        ("tell me what 12 plus 5 is", "tell me what 12 plus 6 is", None),
        ("what is my account balance", "hi there, what is my account balance? thanks", "within"),
        ("what is my account", "hi there, what is my account balance? thanks", None),
        ("how do i go on", "please tell how do i go on", "nearly"),
        ("how do i go on", "now please tell how do i go on", None),
        ("how do i go", "please tell how do i go", None),
        ("don't do that again please", "dont do that again please", "same"),
        ("yes", "yet", None),
    ],
)
def test_short_texts_are_copies_after_one_edit(one: str, other: str, how: str | None) -> None:
    found = duplicates(Listed([one, "something else altogether", other]))
    assert [(pair.first, pair.second, pair.how) for pair in found] == (
        [] if how is None else [(0, 2, how)]
    )


def test_a_phrase_that_stands_in_many_texts_is_no_copy() -> None:
    phrase = "thank you very much indeed"
    others = [f"{phrase}, said number {'x' * n} to all of us there" for n in range(1, 60)]
    assert not [one for one in duplicates(Listed([phrase, *others])) if one.first == 0]


def test_what_is_found_in_a_store_is_kept(
    texts: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "s", [*texts[:5], texts[0], [*texts[1], "more"]])
    everything, few = np.arange(7), np.array([0, 2, 3, 5])
    first = [duplicates_in(NamedStore(store), rows) for rows in (everything, few, few[:3])]
    assert first[0] == duplicates(store)
    assert [(one.first, one.second) for one in first[1]] == [(0, 5)]
    assert first[2] == []
    monkeypatch.delattr("corpuscope.duplicates.near_duplicates.duplicates")
    assert [duplicates_in(NamedStore(store), rows) for rows in (everything, few, few[:3])] == first

"""A passage that many documents share is told once, as it stands in them."""

import numpy as np
import pytest

from corpuscope.duplicates import shared_passages
from corpuscope.duplicates.near_duplicates import Listed
from corpuscope.duplicates.shared_passages import templates

HEADER = "This message is confidential, and meant for its addressee."
FOOTER = "Sent from the telephone of somebody who is on the way."


def bodies(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    return [
        " ".join("".join(rng.choice(letters, rng.integers(3, 8))) for _ in range(12))
        for _ in range(n)
    ]


def test_a_header_is_found_with_all_that_have_it() -> None:
    texts = [f"{HEADER} {body}" if i % 2 else body for i, body in enumerate(bodies(30))]
    (found,) = templates(Listed(texts), range(30))
    assert found.passage in HEADER
    assert len(found.passage) > len(HEADER) - 12
    assert found.rows == tuple(range(1, 30, 2))
    assert [row for row, _ in found.shown] == [1, 7, 15, 21, 29]
    assert {texts[row][start:end] for row, (start, end) in found.shown} == {found.passage}


@pytest.mark.parametrize(("n", "is_template"), [(7, False), (8, True)])
def test_fewer_than_eight_documents_share_no_template(n: int, is_template: bool) -> None:
    texts = [f"{body} {HEADER}" if i < n else body for i, body in enumerate(bodies(20))]
    found = templates(Listed(texts), range(20))
    assert [one.rows for one in found] == ([tuple(range(n))] if is_template else [])


def test_of_many_documents_a_share_must_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_passages, "_LEAST_SHARE", 0.3)
    texts = [f"{body} {HEADER}" if i < 9 else body for i, body in enumerate(bodies(31))]
    assert templates(Listed(texts), range(31)) == []
    assert len(templates(Listed(texts), range(30))) == 1


def test_the_most_frequent_comes_first_and_each_is_told_once() -> None:
    texts = []
    for i, body in enumerate(bodies(40)):
        before = HEADER if i < 9 else ""
        texts.append(f"{before} {body} {FOOTER if i >= 5 else ''}")
    first, second = templates(Listed(texts), range(40))
    assert first.passage in FOOTER
    assert second.passage in HEADER
    assert (first.rows, second.rows) == (tuple(range(5, 40)), tuple(range(9)))


def test_two_passages_of_the_same_documents_are_one_template() -> None:
    """The longer one is told."""
    texts = [f"{HEADER[:40]} {body} {FOOTER}" for body in bodies(12)]
    (found,) = templates(Listed(texts), range(12))
    assert found.passage in FOOTER
    assert len(found.rows) == 12


def test_a_phrase_is_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    assert templates(Listed([f"{body} seventeen letters" for body in bodies(12)]), range(12)) == []
    texts = Listed([f"{HEADER} {body}" for body in bodies(12)])
    (found,) = templates(texts, range(12))
    monkeypatch.setattr(shared_passages, "_SHORTEST", len(found.passage))
    assert templates(texts, range(12)) == [found]
    monkeypatch.setattr(shared_passages, "_SHORTEST", len(found.passage) + 1)
    assert templates(texts, range(12)) == []


def test_only_rows_that_take_part_count_and_keep_their_numbers() -> None:
    texts = [f"{HEADER} {body}" for body in bodies(20)]
    (found,) = templates(Listed(texts), range(3, 20, 2))
    assert found.rows == tuple(range(3, 20, 2))
    assert templates(Listed(texts), range(7)) == []


def test_case_and_signs_do_not_count() -> None:
    texts = [
        f"{HEADER.upper() if i % 2 else HEADER.replace(',', ' --')} {body}"
        for i, body in enumerate(bodies(12))
    ]
    (found,) = templates(Listed(texts), range(12))
    assert len(found.rows) == 12
    assert found.passage in texts[found.shown[0][0]] or found.passage in texts[found.shown[1][0]]


def test_the_order_of_the_documents_does_not_matter() -> None:
    texts = [f"{HEADER} {body}" if i % 2 else body for i, body in enumerate(bodies(24))]
    (there,), (back,) = (templates(Listed(one), range(24)) for one in (texts, texts[::-1]))
    assert back.passage == there.passage
    assert back.rows == tuple(sorted(23 - row for row in there.rows))


@pytest.mark.parametrize("texts", [[], ["one"], [""] * 20, ["!?"] * 20, bodies(20)])
def test_where_nothing_is_shared_nothing_is_told(texts: list[str]) -> None:
    assert templates(Listed(texts), range(len(texts))) == []

"""Two people are compared on the rows that both answered."""

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from corpuscope.claiming.judging.questions import Question
from corpuscope.errors import InputError
from corpuscope.llm.schema import Schema, text
from corpuscope.llm.sheets.agreement import agreement, cohen_kappa
from tests.llm.sheets.worlds import PAIR, fill, told
from tests.llm.worlds import request

ONES = [Question("verify", (f"Text {i}.",), ("It greets.",)).request() for i in range(10)]


def said(name: str, no: str = "", empty: str = "") -> dict[str, str]:
    """What a reader says: "yes" but to these digits."""
    return {"reader": name, "no": no, "empty": empty}


def fill_as(folder: Path, reader: Mapping[str, str]) -> None:
    def person(row: Mapping[str, str]) -> dict[str, str]:
        digit = row["text"][5:6]
        if not digit or digit in reader["empty"]:
            return {}
        return {"answer": "No" if digit in reader["no"] else "yes", "reader": reader["reader"]}

    fill(folder / "sheet-1.csv", person, f"answers-{reader['reader']}.csv")


def test_kappa_by_hand(tmp_path: Path) -> None:
    """Of ten rows eight are equal; by chance .7 x .7 + .3 x .3 would be."""
    told(tmp_path, *ONES, PAIR)
    fill_as(tmp_path, said("ann", no="012"))
    fill_as(tmp_path, said("bob", no="123"))
    (found,) = agreement(tmp_path)
    assert (found.readers, found.allowed) == (("ann", "bob"), "yes | no | unclear")
    assert (found.n, found.n_equal, found.share_equal) == (10, 8, 0.8)
    assert found.kappa == pytest.approx((0.8 - 0.58) / (1 - 0.58))


def test_only_rows_that_both_answered_count(tmp_path: Path) -> None:
    told(tmp_path, *ONES)
    fill_as(tmp_path, said("ann", no="0", empty="89"))
    fill_as(tmp_path, said("bob", no="0", empty="01"))
    (found,) = agreement(tmp_path)
    assert (found.n, found.n_equal) == (6, 6)
    assert math.isnan(found.kappa)
    assert found.to_json()["kappa"] is None


def test_kinds_of_rows_and_each_two_readers_are_apart(tmp_path: Path) -> None:
    told(tmp_path, *ONES, PAIR, request(1, schema=Schema("free", {"label": text()})))
    for name in ("ann", "bob", "cid"):
        fill(
            tmp_path / "sheet-1.csv",
            lambda row, name=name: {"answer": "unclear", "reader": name},  # type: ignore[misc]
            f"answers-{name}.csv",
        )
    found = agreement(tmp_path)
    assert [one.readers for one in found] == [
        pair for pair in (("ann", "bob"), ("ann", "cid"), ("bob", "cid")) for _ in range(2)
    ]
    assert sorted(one.n for one in found) == [2, 2, 2, 10, 10, 10]


def test_a_reader_without_a_name_is_nobody_to_agree_with(tmp_path: Path) -> None:
    told(tmp_path, *ONES)
    fill(tmp_path / "sheet-1.csv", lambda _: {"answer": "yes"})
    fill_as(tmp_path, said("ann"))
    with pytest.raises(InputError, match="two readers with names, of ann"):
        agreement(tmp_path)


def test_answers_that_are_not_allowed_or_double_are_named(tmp_path: Path) -> None:
    told(tmp_path, *ONES)
    fill_as(tmp_path, said("ann"))
    fill(tmp_path / "sheet-1.csv", lambda _: {"answer": "maybe", "reader": "bob"})
    with pytest.raises(InputError, match=r"sheet-1\.csv, row 2, has the answer 'maybe'"):
        agreement(tmp_path)
    fill(tmp_path / "sheet-1.csv", lambda _: {"answer": "no", "reader": "ann"})
    with pytest.raises(InputError, match="of ann, whose other is 'yes'"):
        agreement(tmp_path)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_equals_the_reference(both: list[tuple[str, str]]) -> None:
    first, second = zip(*both, strict=True)
    if len(set(first + second)) > 1:
        assert cohen_kappa(both) == pytest.approx(cohen_kappa_score(first, second))
    else:
        assert math.isnan(cohen_kappa(both))

"""A sheet shows a person all that a model would be shown, and nothing more."""

from pathlib import Path

import pytest

from corpuscope.llm.schema import Schema, listing, text
from corpuscope.llm.sheets import write
from tests.llm.sheets.worlds import ONE, PAIR, by_words, fill, rows, told
from tests.llm.worlds import request


def test_a_row_is_a_statement_with_its_texts_in_full(tmp_path: Path) -> None:
    assert f"for people they are in {tmp_path / 'sheet-1.csv'}" in told(tmp_path, PAIR, ONE)
    assert (tmp_path / "sheet-1.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    found = [row for row in rows(tmp_path / "sheet-1.csv") if row["first text"]]
    assert [row["number"] for row in found] == ["1", "2"]
    assert [row["question"] for row in found] == ["It greets.", "It sends away."]
    for row in found:
        assert (row["prompt"], row["first text"]) == ("Write!", "Dear you.")
        assert row["second text"].replace("\u200b", "") == "'=Go away;\n=now"
        assert row["allowed answers"] == "first | second | both | neither | unclear"
        assert row["answer"] == row["reason"] == row["reader"] == ""
    (alone,) = [row for row in rows(tmp_path / "sheet-1.csv") if row["text"]]
    assert (alone["text"], alone["allowed answers"]) == ("Hello there.", "yes | no | unclear")


def test_rules_lie_beside_and_purposes_are_not_told(tmp_path: Path) -> None:
    told(tmp_path, PAIR, ONE)
    rules = (tmp_path / "sheet-rules.txt").read_text("utf-8-sig")
    assert PAIR.system in rules
    assert ONE.system in rules
    assert len({row["rules"] for row in rows(tmp_path / "sheet-1.csv")}) == 2
    whole = (tmp_path / "sheet-1.csv").read_text("utf-8") + rules
    assert "planted" not in whole
    ids = [row["id"] for row in rows(tmp_path / "sheet-1.csv")]
    assert ids == sorted(ids)


def test_any_flat_request_is_shown_as_its_message(tmp_path: Path) -> None:
    told(tmp_path, request(3))
    (row,) = rows(tmp_path / "sheet-1.csv")
    assert (row["request"], row["question"]) == ("Is 3 even?", "verdict")


def test_requests_that_no_sheet_can_show_are_counted(tmp_path: Path) -> None:
    lists = request(1, schema=Schema("l", {"names": listing(text())}))
    said = told(tmp_path, lists, request(2, user="x" * 40_000), request(3))
    assert "2 are in no sheet" in said
    assert len(rows(tmp_path / "sheet-1.csv")) == 1
    assert "in no sheet" not in told(tmp_path / "other", request(3))
    assert not (tmp_path / "other" / "sheet-2.csv").exists()


def test_only_lists_make_no_sheet(tmp_path: Path) -> None:
    said = told(tmp_path, request(1, schema=Schema("l", {"names": listing(text())})))
    assert "for people" not in said
    assert not list(tmp_path.glob("sheet*"))


def test_a_request_is_not_divided_between_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "_MOST_ROWS", 2)
    told(tmp_path, PAIR, ONE, request(1))
    sheets = [rows(path) for path in sorted(tmp_path.glob("sheet-*.csv"))]
    assert sorted(map(len, sheets)) in ([1, 1, 2], [2, 2])
    ids = [{row["id"] for row in sheet} for sheet in sheets]
    assert sum(map(len, ids)) == len(set().union(*ids)) == 3


def test_a_sheet_that_was_begun_is_left_alone(tmp_path: Path) -> None:
    told(tmp_path, PAIR)
    path = tmp_path / "sheet-1.csv"
    fill(path, lambda row: by_words(row) if row["number"] == "1" else {})
    begun = path.read_bytes()
    said = told(tmp_path, PAIR, ONE)
    assert path.read_bytes() == begun
    assert "sheet-1.csv" in said
    assert {row["text"] for row in rows(tmp_path / "sheet-2.csv")} == {"Hello there."}
    # One without answers is written anew.
    told(tmp_path, PAIR, ONE)
    assert sorted(one.name for one in tmp_path.glob("sheet-*.csv")) == [
        "sheet-1.csv", "sheet-2.csv",
    ]  # fmt: skip


def test_without_the_flag_there_is_none(tmp_path: Path) -> None:
    from corpuscope.errors import AnswersMissing
    from corpuscope.llm.batch_file import BatchFolder
    from corpuscope.llm.client import LLM

    with pytest.raises(AnswersMissing):
        LLM(BatchFolder(tmp_path)).ask([PAIR])
    assert not list(tmp_path.glob("sheet*"))

"""What people fill in is answers; what they leave out is missing, and what is wrong is named."""

from pathlib import Path

import pytest

from corpuscope.errors import InputError
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM
from tests.llm.sheets.worlds import ONE, PAIR, answered, by_words, fill, rows, told
from tests.llm.worlds import request


@pytest.mark.parametrize("into", [None, "answers.csv", "answers-ann.csv"])
def test_a_filled_sheet_is_answers(tmp_path: Path, into: str | None) -> None:
    told(tmp_path, PAIR, ONE)
    fill(tmp_path / "sheet-1.csv", by_words, into)
    # The flag is for writing alone.
    first, second = LLM(BatchFolder(tmp_path)).ask([PAIR, ONE])
    assert dict(first.value) == {
        "reason_1": "=so", "verdict_1": "first", "reason_2": "=so", "verdict_2": "second",
    }  # fmt: skip
    assert dict(second.value) == {"reason_1": "", "verdict_1": "yes"}
    assert first.model == "a person"


def test_order_columns_and_rows_do_not_matter(tmp_path: Path) -> None:
    told(tmp_path, PAIR)
    by_number = [by_words(row) | {"id": row["id"], "number": row["number"]}
                 for row in rows(tmp_path / "sheet-1.csv")]  # fmt: skip
    lines = [f"{row['answer']};{row['number']};{row['id']}" for row in reversed(by_number)]
    content = "\n".join(["Answer;Number;ID", *lines, ";;"])
    (tmp_path / "answers.csv").write_bytes(content.encode("utf-16"))
    (found,) = answered(tmp_path, PAIR)
    assert (found.value["verdict_1"], found.value["verdict_2"]) == ("first", "second")


def test_a_reader_is_named_in_one_row(tmp_path: Path) -> None:
    told(tmp_path, PAIR)
    fill(
        tmp_path / "sheet-1.csv",
        lambda row: by_words(row) | {"reader": "ann" if row["number"] == "2" else ""},
    )
    model = LLM(BatchFolder(tmp_path))
    assert model.ask([PAIR])[0].model == "ann"
    assert model.receipt().models == {"ann": 1}


def test_empty_rows_are_missing_and_no_answer(tmp_path: Path) -> None:
    told(tmp_path, PAIR, ONE)
    fill(tmp_path / "sheet-1.csv", lambda row: by_words(row) if row["number"] == "1" else {})
    said = told(tmp_path, PAIR, ONE)
    assert said.startswith("1 requests wait")
    assert "1 are filled in only in part, 1 of their 2 rows" in said
    fill(tmp_path / "sheet-1.csv", by_words)
    assert all(one.is_answered for one in answered(tmp_path, PAIR, ONE))


def test_the_rest_may_come_in_another_file(tmp_path: Path) -> None:
    told(tmp_path, PAIR)
    for number in "12":
        fill(
            tmp_path / "sheet-1.csv",
            lambda row, number=number: by_words(row) if row["number"] == number else {},  # type: ignore[misc]
            f"answers-{number}.csv",
        )
    assert answered(tmp_path, PAIR)[0].is_answered


def test_answers_to_other_questions_are_counted(tmp_path: Path) -> None:
    told(tmp_path, ONE)
    fill(tmp_path / "sheet-1.csv", lambda row: by_words(row) | {"id": "stranger"}, "answers.csv")
    assert "1 answers are to other requests" in told(tmp_path, ONE)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"answer": "maybe"}, r"answers\.csv, row 2, has the answer 'maybe'. Expected: yes \| no"),
        ({"number": "2"}, r"answers\.csv, row 2, has the number 2. Expected: a number from 1 to 1"),
        ({"number": "one"}, r"answers\.csv, row 2, has the id '\w+' and the number 'one'"),
        ({"id": ""}, r"answers\.csv, row 2, has the id ''"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(
    tmp_path: Path, cells: dict[str, str], found: str
) -> None:
    told(tmp_path, ONE)
    fill(tmp_path / "sheet-1.csv", lambda row: by_words(row) | cells, "answers.csv")
    with pytest.raises(InputError, match=found):
        answered(tmp_path, ONE)


def test_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "answers.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"answers\.xlsx is a workbook"):
        answered(tmp_path, ONE)


def test_one_reader_who_answers_twice_is_an_error_that_names_both(tmp_path: Path) -> None:
    told(tmp_path, ONE)
    for name, answer in (("a", "yes"), ("b", "no")):
        fill(tmp_path / "sheet-1.csv", lambda _, a=answer: {"answer": a}, f"answers-{name}.csv")  # type: ignore[misc]
    with pytest.raises(InputError, match=r"answers-b\.csv, row 2 and answers-a\.csv, row 2"):
        answered(tmp_path, ONE)


@pytest.mark.parametrize(("names", "is_allowed"), [(("ann", "bob"), True), (("ann", ""), False)])
def test_of_two_named_readers_the_first_files_counts(
    tmp_path: Path, names: tuple[str, str], is_allowed: bool
) -> None:
    told(tmp_path, ONE)
    for file, name, answer in zip("ab", names, ("yes", "no"), strict=True):
        cells = {"answer": answer, "reader": name}
        fill(tmp_path / "sheet-1.csv", lambda _, c=cells: c, f"answers-{file}.csv")  # type: ignore[misc]
    if not is_allowed:
        with pytest.raises(InputError, match="differently"):
            answered(tmp_path, ONE)
        return
    (found,) = answered(tmp_path, ONE)
    assert (found.value["verdict_1"], found.model) == ("yes", "ann")


def test_a_line_of_json_and_a_sheet_must_agree(tmp_path: Path) -> None:
    told(tmp_path, ONE)
    fill(tmp_path / "sheet-1.csv", lambda _: {"answer": "no", "reader": "ann"})
    custom_id = rows(tmp_path / "sheet-1.csv")[0]["id"]
    line = f'{{"custom_id": "{custom_id}", "answer": {{"reason_1": "", "verdict_1": "yes"}}}}'
    (tmp_path / "answers.jsonl").write_text(line)
    with pytest.raises(InputError, match=r"sheet-1\.csv, row 2 and answers\.jsonl, line 1"):
        answered(tmp_path, ONE)


def test_any_flat_request_is_answered_by_a_sheet(tmp_path: Path) -> None:
    some = [request(number) for number in range(4)]
    told(tmp_path, *some)
    fill(
        tmp_path / "sheet-1.csv",
        lambda row: {"answer": "no" if int(row["request"].split()[1]) % 2 else "Yes"},
    )
    found = [one.value["verdict"] for one in answered(tmp_path, *some)]
    assert found == ["yes", "no", "yes", "no"]

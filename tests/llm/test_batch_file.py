"""A folder of requests that anyone may answer gives the bytes of a live run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpuscope.errors import AnswersMissing, InputError
from corpuscope.llm import batch_file
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.budget import Budget
from corpuscope.llm.cache import ReplyCache
from corpuscope.llm.client import LLM
from tests.llm.worlds import completion, number_in, request, right, serving, verdict

SOME = [request(number) for number in range(6)]


def llm(folder: Path) -> LLM:
    return LLM(BatchFolder(folder / "batch"), ReplyCache(folder / "c"))


def lines_in(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted((folder / "batch").glob("requests-*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def answer(folder: Path, form: Callable[[str, str], object], name: str = "answers.jsonl") -> None:
    """Answer every request in the folder rightly, in reverse order, in a form of lines."""
    lines = [
        json.dumps(form(line["custom_id"], verdict(number_in(line["body"]))))
        for line in reversed(lines_in(folder))
    ]
    (folder / "batch" / name).write_text("\n\n".join(lines) + "\n", "utf-8")


def batch_form(custom_id: str, content: str) -> object:
    return {"id": "b", "custom_id": custom_id, "error": None,
            "response": {"status_code": 200, "body": completion(content)}}  # fmt: skip


def vllm_form(custom_id: str, content: str) -> object:
    return {"id": "v", "custom_id": custom_id, "response": completion(content), "error": None}


def plain_form(custom_id: str, content: str) -> object:
    return {"custom_id": custom_id, "answer": json.loads(content)}


@pytest.mark.parametrize("form", [batch_form, vllm_form, plain_form])
def test_a_batch_gives_the_answers_of_a_live_run(
    tmp_path: Path, form: Callable[[str, str], object]
) -> None:
    with pytest.raises(AnswersMissing, match="6 requests wait"):
        llm(tmp_path).ask(SOME)
    answer(tmp_path, form)
    found = llm(tmp_path).ask(SOME)
    with serving(right) as server:
        from corpuscope.llm.endpoint import Endpoint

        live = LLM(Endpoint("tiny", server.url)).ask(SOME)
    assert [dict(one.value) for one in found] == [dict(one.value) for one in live]
    # They are in the cache now: the folder is not needed any more.
    for path in (tmp_path / "batch").iterdir():
        path.unlink()
    assert all(one.from_cache for one in llm(tmp_path).ask(SOME))


def test_requests_are_lines_of_the_batch_api(tmp_path: Path) -> None:
    with pytest.raises(AnswersMissing):
        llm(tmp_path).ask([*SOME, SOME[0]])
    lines = lines_in(tmp_path)
    assert len(lines) == len({line["custom_id"] for line in lines}) == 6
    first = lines[0]
    assert (first["method"], first["url"]) == ("POST", "/v1/chat/completions")
    assert len(first["custom_id"]) <= 64
    assert first["body"]["messages"] == SOME[0].messages
    assert first["body"]["response_format"]["json_schema"]["strict"]


def test_what_is_missing_makes_the_next_smaller_file(tmp_path: Path) -> None:
    with pytest.raises(AnswersMissing):
        llm(tmp_path).ask(SOME)
    answer(tmp_path, batch_form)
    path = tmp_path / "batch" / "answers.jsonl"
    lines = path.read_text("utf-8").split("\n\n")
    failed = json.loads(lines[0])
    failed["response"] = {"status_code": 500, "body": {"error": {"message": "oops"}}}
    expired = json.loads(lines[1]) | {"response": None, "error": {"code": "batch_expired"}}
    path.write_text("\n".join([json.dumps(failed), json.dumps(expired), *lines[2:]]), "utf-8")
    with pytest.raises(AnswersMissing, match="2 requests wait"):
        llm(tmp_path).ask(SOME)
    assert len(lines_in(tmp_path)) == 2
    answer(tmp_path, plain_form, "answers-2.jsonl")
    assert all(one.is_answered for one in llm(tmp_path).ask(SOME))


def test_answers_to_other_requests_are_counted(tmp_path: Path) -> None:
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "answers.jsonl").write_text(
        json.dumps({"custom_id": "stranger", "answer": {"verdict": "yes"}}), "utf-8"
    )
    with pytest.raises(AnswersMissing, match="1 answers are to other requests"):
        llm(tmp_path).ask(SOME)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("not JSON", "answers.jsonl, line 1, is not JSON"), ("[]", "no custom_id"),
        ('{"answer": {}}', "no custom_id"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_named(tmp_path: Path, line: str, found: str) -> None:
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "answers.jsonl").write_text(line, "utf-8")
    with pytest.raises(InputError, match=found):
        llm(tmp_path).ask(SOME)


def test_two_answers_that_differ_are_an_error_that_names_both(tmp_path: Path) -> None:
    with pytest.raises(AnswersMissing):
        llm(tmp_path).ask(SOME[:1])
    custom_id = lines_in(tmp_path)[0]["custom_id"]
    both = [json.dumps(plain_form(custom_id, verdict(number))) for number in (0, 1)]
    (tmp_path / "batch" / "answers.jsonl").write_text("\n".join(both), "utf-8")
    with pytest.raises(InputError, match=r"line 2 and answers\.jsonl, line 1"):
        llm(tmp_path).ask(SOME[:1])
    (tmp_path / "batch" / "answers.jsonl").write_text("\n".join([both[0]] * 2), "utf-8")
    assert llm(tmp_path).ask(SOME[:1])[0].is_answered


def test_an_answer_that_does_not_fit_makes_a_round_of_repair(tmp_path: Path) -> None:
    with pytest.raises(AnswersMissing):
        llm(tmp_path).ask(SOME[:2])
    first, second = (line["custom_id"] for line in lines_in(tmp_path))
    lines = [{"custom_id": first, "answer": {"verdict": "maybe"}},
             {"custom_id": second, "answer": json.loads(verdict(1))}]  # fmt: skip
    (tmp_path / "batch" / "answers.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    with pytest.raises(AnswersMissing, match="1 requests wait"):
        llm(tmp_path).ask(SOME[:2])
    assert "Your reply was" in lines_in(tmp_path)[0]["body"]["messages"][-1]["content"]
    answer(tmp_path, plain_form, "answers-repaired.jsonl")
    assert all(one.is_answered for one in llm(tmp_path).ask(SOME[:2]))


def test_files_are_no_larger_than_a_service_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_file, "_MOST_LINES", 4)
    with pytest.raises(AnswersMissing):
        llm(tmp_path).ask(SOME)
    sizes = [len(path.read_text("utf-8").splitlines())
             for path in sorted((tmp_path / "batch").glob("*.jsonl"))]  # fmt: skip
    assert sizes == [4, 2]


def test_a_budget_leaves_requests_out_of_the_file(tmp_path: Path) -> None:
    budget = Budget(tokens=SOME[0].most_tokens * 2 + 50)
    one = LLM(BatchFolder(tmp_path / "batch"), ReplyCache(None), budget)
    with pytest.raises(AnswersMissing, match="2 requests wait"):
        one.ask(SOME)
    assert len(lines_in(tmp_path)) == 2


def test_why_requests_were_not_answered_is_told(tmp_path: Path) -> None:
    with pytest.raises(AnswersMissing):
        llm(tmp_path).ask(SOME[:2])
    first, second = (line["custom_id"] for line in lines_in(tmp_path))
    lines = [
        {"custom_id": first, "response": {"status_code": 400, "body": {"error": {
            "message": "temperature is not supported"}}}, "error": None},
        {"custom_id": second, "response": None, "error": {"code": "batch_expired"}},
    ]  # fmt: skip
    (tmp_path / "batch" / "answers.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    told = "2 were not answered, the first because: temperature is not supported"
    with pytest.raises(AnswersMissing, match=told):
        llm(tmp_path).ask(SOME[:2])


def test_answers_of_earlier_rounds_are_no_strangers(tmp_path: Path) -> None:
    """A round of two, one of two more, and one more: each round's file replaces the last."""
    for n in (2, 4, 6):
        with pytest.raises(AnswersMissing) as caught:
            llm(tmp_path).ask(SOME[:n])
        assert "other requests" not in caught.value.found
        answer(tmp_path, plain_form, f"answers-{n}.jsonl")
    assert all(one.is_answered for one in llm(tmp_path).ask(SOME))

"""A recording answers as the original did, and sends nothing."""

from pathlib import Path

import pytest

from corpuscope.errors import AnswersMissing, InputError
from corpuscope.llm.cache import ReplyCache
from corpuscope.llm.client import LLM
from corpuscope.llm.endpoint import Endpoint
from corpuscope.llm.recorded import Recorded, save_recording
from tests.llm.worlds import request, right, serving

SOME = [request(number) for number in range(4)]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    with serving(right) as server:
        llm = LLM(Endpoint("tiny", server.url), ReplyCache(tmp_path / "c"))
        llm.ask(SOME)
    replies = [(line["key"], line["body"]) for line in llm.cache.export()]
    path = tmp_path / "recorded.jsonl"
    save_recording(path, replies, asked=llm.transport.asked, about={"reader": "tiny"})
    return path


def test_it_answers_as_the_original_did(recording: Path) -> None:
    recorded = Recorded(recording)
    assert recorded.about == {"reader": "tiny"}
    found = LLM(recorded).ask(SOME[::-1])
    assert [one.value["verdict"] for one in found] == ["no", "yes", "no", "yes"]


def test_what_was_not_recorded_is_an_error_and_never_a_call(recording: Path) -> None:
    with pytest.raises(AnswersMissing, match="1 of 2 requests"):
        LLM(Recorded(recording)).ask([SOME[0], request(9)])


def test_another_file_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"key": "a"}\n')
    with pytest.raises(InputError, match="no recorded replies"):
        Recorded(tmp_path / "x.jsonl")

"""A manifest says what the files beside it ask for."""

import hashlib
import json
from pathlib import Path

import pytest

from corpuscope.errors import AnswersMissing
from corpuscope.llm import batch_file
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.batch_manifest import write_manifest
from corpuscope.llm.client import LLM
from tests.llm.worlds import request

SOME = [request(0), request(1), request(2, purpose="label")]


def test_requests_are_counted_by_purpose_and_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_file, "_MOST_LINES", 2)
    model = LLM(BatchFolder(tmp_path, "tiny"))
    expected = model.estimate(SOME)
    with pytest.raises(AnswersMissing):
        model.ask(SOME)
    found = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert found["model"] == "tiny"
    assert found["requests"] == {"verify": 2, "label": 1}
    assert [(one["name"], one["requests"]) for one in found["files"]] == [
        ("requests-1.jsonl", 2), ("requests-2.jsonl", 1),
    ]  # fmt: skip
    for one in found["files"]:
        content = (tmp_path / one["name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
    assert found["estimate"] == {
        "tokens_in": expected.all.usage.n_in, "tokens_out": expected.all.usage.n_out,
        "most_tokens": expected.most,
    }  # fmt: skip


def test_equal_files_have_equal_manifests(tmp_path: Path) -> None:
    file = tmp_path / "requests-1.jsonl"
    file.write_text("{}\n")
    first = write_manifest([file], SOME, model="any").read_bytes()
    assert write_manifest([file], SOME, model="any").read_bytes() == first


def test_files_may_be_changed_after_writing(tmp_path: Path) -> None:
    with pytest.raises(AnswersMissing):
        LLM(BatchFolder(tmp_path)).ask(SOME)
    (tmp_path / "requests-1.jsonl").write_text("changed")
    (tmp_path / "manifest.json").write_text("changed")
    with pytest.raises(AnswersMissing, match="3 requests wait"):
        LLM(BatchFolder(tmp_path)).ask(SOME)
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["requests"]

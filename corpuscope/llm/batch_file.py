"""Requests in a folder, to be answered by a batch service or by any reader.

The first run writes `requests-1.jsonl` (lines of the OpenAI Batch form) and stops. Whoever answers
puts files of results into the folder, under any name that begins with `answers`; the same command
then goes on, and writes what is still missing as the next, smaller file. `manifest.json` counts
what the files ask for.

Read: lines of the Batch API (`custom_id`, `response.body`), of vLLM's `run-batch` (a completion
directly in `response`), of error files, and plain lines `{"custom_id": ..., "answer": {...}}`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuscope.durable import write_durably
from corpuscope.errors import AnswersMissing, InputError
from corpuscope.llm.batch_manifest import write_manifest
from corpuscope.llm.replies import error_in_words, first_choice, likely_usage
from corpuscope.llm.request import Request, in_order
from corpuscope.llm.transport import Exchange

__all__ = ["BatchFolder"]

_ID_LENGTH = 40
_IDS = "ids.txt"
_MOST_LINES, _MOST_BYTES = 45_000, 180_000_000


@dataclass(eq=False)
class BatchFolder:
    """A folder of requests and answers.

    Attributes:
        folder: The folder; created on first use.
        model: The model named in the requests; any reader may answer.
        reader: Who answers, for the record, such as "a large language model".
    """

    folder: Path
    model: str = "any"
    reader: str = "a reader of the batch file"

    @property
    def asked(self) -> dict[str, Any]:
        """What answers depend on."""
        return {"kind": "batch file", "model": self.model}

    def send(self, requests: Sequence[Request], exchange: Exchange) -> None:
        """Hand over the answers in the folder, and write the requests that have none.

        Raises:
            AnswersMissing: Some have none; their file is named.
            InputError: A file of answers cannot be read, or contradicts itself.
        """
        by_id = {self._id(one): one for one in requests}
        answers, failures = self._answers()
        for custom_id, body in answers.items():
            if custom_id in by_id and exchange.may_send(by_id[custom_id]):
                exchange.receive(by_id[custom_id], _counted(body, by_id[custom_id]), 0.0)
        open_ones = [one for one in requests if self._id(one) not in answers]
        # A folder has nothing in the air that could take less.
        allowed = [one for one in open_ones if exchange.may_send(one, waits=False)]
        if not allowed:
            return
        # Those of earlier rounds are no strangers.
        unknown = len(answers.keys() - by_id.keys() - self._ids_written())
        files = self._write(allowed)
        told = [f"{len(allowed):,} requests wait for answers in {', '.join(map(str, files))}"]
        if failures:
            told.append(f"{len(failures):,} were not answered, the first because: {failures[0]}")
        if unknown:
            told.append(f"{unknown:,} answers are to other requests")
        raise AnswersMissing(
            "; ".join(told),
            expected=f"answers in a file {self.folder / 'answers-....jsonl'}",
            next_step="have them answered, then run the same command again",
        )

    def _id(self, request: Request) -> str:
        return request.key(self.asked)[:_ID_LENGTH]

    def _answers(self) -> tuple[dict[str, Mapping[str, Any]], list[str]]:
        """The bodies of all answers in the folder by id, and why others have none."""
        found: dict[str, Mapping[str, Any]] = {}
        places: dict[str, str] = {}
        failures: dict[str, str] = {}
        for path in sorted(self.folder.glob("answers*")):
            for number, line in _lines_of(path):
                place = f"{path.name}, line {number}"
                custom_id, body = str(line["custom_id"]), _body_in(line, self.reader)
                if body is None:
                    failures[custom_id] = _reason_in(line)
                    continue
                if custom_id in found and _content(found[custom_id]) != _content(body):
                    raise InputError(
                        f"{place} and {places[custom_id]} answer {custom_id} differently",
                        expected="one answer to each request",
                        next_step="remove one of the two lines",
                    )
                found[custom_id], places[custom_id] = body, place
        return found, [reason for name, reason in failures.items() if name not in found]

    def _ids_written(self) -> set[str]:
        """The ids of all requests that were ever written here."""
        path = self.folder / _IDS
        return set(path.read_text("utf-8").split()) if path.is_file() else set()

    def _write(self, requests: Sequence[Request]) -> list[Path]:
        """New files of requests, none larger than a batch service takes; old ones are replaced."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [
            in_order({
                "custom_id": self._id(one), "method": "POST", "url": "/v1/chat/completions",
                "body": {
                    "model": self.model, "messages": one.messages,
                    "temperature": one.temperature, "seed": one.repetition,
                    "max_completion_tokens": one.max_output,
                    "response_format": {"type": "json_schema", "json_schema": {
                        "name": one.schema.name, "strict": True, "schema": one.schema.json,
                    }},
                },
            })
            for one in requests
        ]  # fmt: skip
        for old in self.folder.glob("requests-*.jsonl"):
            old.unlink()
        ids = sorted(self._ids_written().union(map(self._id, requests)))
        write_durably(self.folder / _IDS, memoryview("\n".join(ids).encode("utf-8")))
        files = []
        for number, part in enumerate(_parts(lines), start=1):
            path = self.folder / f"requests-{number}.jsonl"
            write_durably(path, memoryview("".join(part).encode("utf-8")))
            files.append(path)
        write_manifest(files, requests, model=self.model)
        return files


def _parts(lines: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for line in lines:
        n_bytes = len(line.encode("utf-8")) + 1
        if part and (len(part) >= _MOST_LINES or size + n_bytes > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(f"{line}\n")
        size += n_bytes
    yield part


def _lines_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise InputError(
                    f"{path.name}, line {number}, is not JSON ({error})",
                    expected="one JSON object a line, with custom_id and response or answer",
                    next_step="correct that line",
                ) from error
            if not isinstance(value, dict) or not value.get("custom_id"):
                raise InputError(
                    f"{path.name}, line {number}, has no custom_id",
                    expected="the custom_id of the request that it answers",
                    next_step="correct that line",
                )
            yield number, value


def _body_in(line: Mapping[str, Any], reader: str) -> Mapping[str, Any] | None:
    """The body of a completion; None where the request was not answered."""
    if "answer" in line:
        content = line["answer"]
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return {"model": str(line.get("model") or reader), "choices": [
            {"finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        ]}  # fmt: skip
    response = line.get("response")
    body = response.get("body", response) if isinstance(response, dict) else None
    return body if isinstance(body, dict) and body.get("choices") else None


def _counted(body: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    """The body with about the tokens that it took, if nobody counted them."""
    if body.get("usage"):
        return body
    text = first_choice(body).get("message", {}).get("content")
    return {**body, "usage": likely_usage(request, text if isinstance(text, str) else "")}


def _reason_in(line: Mapping[str, Any]) -> str:
    """Why a line holds no answer; the truth may lie in the body of the response."""
    response = line.get("response")
    body = response.get("body", response) if isinstance(response, dict) else {}
    inner = body.get("error") if isinstance(body, dict) else None
    return error_in_words(inner or line.get("error") or "no response")


def _content(body: Mapping[str, Any]) -> object:
    return [choice.get("message", {}).get("content") for choice in body.get("choices", [])]

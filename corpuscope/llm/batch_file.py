"""Requests in a folder, to be answered by a batch service or by any reader.

The first run writes `requests-1.jsonl` (lines of the OpenAI Batch form) and stops. Whoever answers
puts files of results into the folder, under any name that begins with `answers`; the same command
then goes on, and writes what is still missing as the next, smaller file. `manifest.json` counts
what the files ask for.

Read: lines of the Batch API (`custom_id`, `response.body`), of vLLM's `run-batch` (a completion
directly in `response`), of error files, plain lines `{"custom_id": ..., "answer": {...}}`, and the
sheets that people fill in (`sheets/`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpuscope.durable import write_durably
from corpuscope.errors import AnswersMissing, InputError
from corpuscope.llm.batch_manifest import write_manifest
from corpuscope.llm.replies import error_in_words, first_choice, likely_usage
from corpuscope.llm.request import Request, in_order
from corpuscope.llm.sheets.read import Half, answers_in, filled_rows, is_sheet
from corpuscope.llm.sheets.write import write_sheets
from corpuscope.llm.transport import Exchange

__all__ = ["BatchFolder"]

_ID_LENGTH = 40
_IDS = "ids.txt"
_MOST_LINES, _MOST_BYTES = 45_000, 180_000_000
_A_PERSON = "a person"


@dataclass(eq=False)
class BatchFolder:
    """A folder of requests and answers.

    Attributes:
        folder: The folder; created on first use.
        model: The model named in the requests; any reader may answer.
        reader: Who answers, for the record, such as "a large language model".
        sheet: Whether to write the requests as sheets for people, too. Filled sheets are read in
            any case; their readers are recorded by name, or as "a person".
    """

    folder: Path
    model: str = "any"
    reader: str = "a reader of the batch file"
    sheet: bool = False

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
        found = self._found(by_id)
        for custom_id, body in found.bodies.items():
            if custom_id in by_id and exchange.may_send(by_id[custom_id]):
                exchange.receive(by_id[custom_id], _counted(body, by_id[custom_id]), 0.0)
        open_ones = [one for one in requests if self._id(one) not in found.bodies]
        # A folder has nothing in the air that could take less.
        allowed = [one for one in open_ones if exchange.may_send(one, waits=False)]
        if not allowed:
            return
        # Those of earlier rounds are no strangers.
        unknown = len(found.ids - by_id.keys() - self._ids_written())
        files = self._write(allowed)
        told = [f"{len(allowed):,} requests wait for answers in {', '.join(map(str, files))}"]
        told += self._write_sheets(allowed) if self.sheet else []
        told += found.told()
        if unknown:
            told.append(f"{unknown:,} answers are to other requests")
        raise AnswersMissing(
            "; ".join(told),
            expected=f"answers in a file {self.folder / 'answers-....jsonl'}"
            f"{', or the sheets filled in' if self.sheet else ''}",
            next_step="have them answered, then run the same command again",
        )

    def _id(self, request: Request) -> str:
        return request.key(self.asked)[:_ID_LENGTH]

    def _found(self, requests: Mapping[str, Request]) -> "_Found":
        """All answers in the folder."""
        found = _Found()
        for path in sorted(self.folder.glob("answers*")):
            if is_sheet(path):
                continue
            for number, line in _lines_of(path):
                custom_id, body = str(line["custom_id"]), _body_in(line, self.reader)
                found.ids.add(custom_id)
                if body is None:
                    found.failures[custom_id] = _reason_in(line)
                else:
                    found.add(custom_id, body, place=f"{path.name}, line {number}")
        rows = filled_rows(self.folder)
        found.ids |= {row.custom_id for row in rows}
        whole, found.halves = answers_in(rows, requests)
        for one in whole:
            body = _body_of(one.value, one.reader or _A_PERSON)
            found.add(one.custom_id, body, place=one.place, reader=one.reader)
        return found

    def _write_sheets(self, requests: Sequence[Request]) -> list[str]:
        """Write the requests as sheets; what became of it, in words."""
        sheets = write_sheets(self.folder, {self._id(one): one for one in requests})
        told = []
        if sheets.files:
            told.append(f"for people they are in {', '.join(map(str, sheets.files))}")
        if sheets.n_left_out:
            told.append(f"{sheets.n_left_out:,} are in no sheet, having lists or very long texts")
        return told

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


@dataclass(eq=False)
class _Found:
    """What a folder holds.

    Attributes:
        bodies: The answers by the id of their request.
        ids: The ids of all that was answered, or failed.
        failures: Why requests were not answered, by id.
        halves: Requests that somebody has begun to answer in a sheet.
    """

    bodies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)
    halves: list[Half] = field(default_factory=list)
    _places: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, body: Mapping[str, Any], *, place: str, reader: str = "") -> None:
        """Take an answer; of two readers with names, the first one's.

        Raises:
            InputError: There is another, and not both readers are known by name.
        """
        earlier, first_reader = self._places.setdefault(name, (place, reader))
        kept = self.bodies.setdefault(name, body)
        are_two = reader and first_reader and reader != first_reader
        if not are_two and _content(kept) != _content(body):
            raise InputError(
                f"{place} and {earlier} answer {name} differently",
                expected="one answer to each request, or sheets that name their readers",
                next_step="remove one of the two",
            )

    def told(self) -> list[str]:
        """What is missing or wrong, in words."""
        told = []
        halves = [one for one in self.halves if one.custom_id not in self.bodies]
        if halves:
            n_filled, n_rows = sum(h.n_filled for h in halves), sum(h.n_rows for h in halves)
            told.append(
                f"{len(halves):,} are filled in only in part, {n_filled:,} of their {n_rows:,} rows"
            )
        reasons = [one for name, one in self.failures.items() if name not in self.bodies]
        if reasons:
            told.append(f"{len(reasons):,} were not answered, the first because: {reasons[0]}")
        return told


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
        return _body_of(line["answer"], str(line.get("model") or reader))
    response = line.get("response")
    body = response.get("body", response) if isinstance(response, dict) else None
    return body if isinstance(body, dict) and body.get("choices") else None


def _body_of(answer: object, reader: str) -> dict[str, Any]:
    """The body of a completion with an answer that was given without one."""
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return {"model": reader, "choices": [
        {"finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    ]}  # fmt: skip


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

from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from corpuscope.errors import ReaderError
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.loading.source import source_of


class _Response:
    """What the hub's errors ask their response for."""

    headers: dict[str, str] = {}  # noqa: RUF012
    status_code = 404
    text = ""
    request = None
    url = ""


def hub_raises(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[str]:
    asked: list[str] = []

    def refuse(url: str, **_more: Any) -> None:
        asked.append(url)
        raise error

    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", refuse)
    return asked


def of_hub(kind: type[Exception]) -> Exception:
    """An error of the hub, which some versions make with a response and some without."""
    error = kind.__new__(kind)
    Exception.__init__(error, "no")
    error.response = _Response()  # type: ignore[attr-defined]
    return error


def test_the_built_in_reader_is_in_a_folder() -> None:
    found = source_of(BUILTIN_READER)
    assert (found.kind, found.name) == ("folder", BUILTIN_READER)
    assert (Path(found.location) / "config.json").is_file()


def test_folders_and_files_have_their_own_name(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    with pytest.raises(ReaderError, match=r"neither a config.json nor a .gguf file"):
        source_of(str(folder))
    (folder / "a.gguf").write_bytes(b"GGUF...")
    found = source_of(str(folder))
    assert (found.kind, found.name, found.location) == ("file", "a.gguf", str(folder / "a.gguf"))
    (folder / "b.gguf").write_bytes(b"GGUF...")
    with pytest.raises(ReaderError, match=r"2 \.gguf files.*name one"):
        source_of(str(folder))
    (folder / "config.json").write_text("{}")
    assert source_of(str(folder)).kind == "folder"


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"....")
    with pytest.raises(ReaderError, match=r"is no GGUF file.*folder of the model"):
        source_of(str(tmp_path / "model.safetensors"))


@pytest.mark.parametrize("name", ["./nothing", "/no/such/folder", "a/b/c", "model.gguf"])
def test_a_path_that_is_not_there_is_not_looked_for_on_the_hub(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hub_raises(monkeypatch, AssertionError())
    with pytest.raises(ReaderError, match=r"there is no"):
        source_of(name)
    assert asked == []


def test_without_a_network_a_wrong_name_fails_after_one_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = hub_raises(monkeypatch, ConnectionError("no route"))
    with pytest.raises(ReaderError, match=r"no folder or file 'nowhere'.*cannot be reached"):
        source_of("nowhere")
    assert len(asked) == 1


def test_without_a_network_a_model_in_the_cache_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    hub_raises(monkeypatch, ConnectionError("no route"))
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_, **__: "a path")
    found = source_of("someone/model", "main")
    assert found.is_offline
    assert (found.location, found.revision) == ("someone/model", "main")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (GatedRepoError, r"is gated.*accept the terms at https://huggingface.co/a/b.*HF_TOKEN"),
        (RepositoryNotFoundError, "no such repository, or it is private"),
        (RevisionNotFoundError, "it has no revision 'v9'"),
        (EntryNotFoundError, r"no config\.json"),
        (HFValidationError, "no valid name"),
    ],
)
def test_what_the_hub_refuses_is_said_with_a_next_step(
    kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_raises(monkeypatch, of_hub(kind))
    with pytest.raises(ReaderError, match=message):
        source_of("a/b", "v9")


def test_errors_of_another_kind_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    hub_raises(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        source_of("a/b")


def test_a_model_of_the_hub_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", lambda *_, **__: None)
    found = source_of("a/b", "v1")
    assert (found.name, found.kind, found.revision, found.is_offline) == ("a/b", "hub", "v1", False)

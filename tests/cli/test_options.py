"""Shared options become settings with the same defaults, and paths are checked early."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import typer

import corpuscope as cs
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.trend.settings import TrendSettings
from corpuscope.cli import options
from corpuscope.cli.options import (
    ComparisonOptions,
    CorpusOptions,
    ExtractReaderOptions,
    LanguageModelOptions,
    ObjectiveOptions,
    Output,
    ReaderOptions,
    TrainingOptions,
    TrainingReaderOptions,
    picture,
    writable,
)
from corpuscope.errors import ReaderError
from corpuscope.ranges import OBJECTIVES
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.training.settings import FinetuneSettings, ReadingSettings, TrainingSettings
from tests.cli.conftest import lines


@pytest.mark.parametrize("name", ["p.png", "p.svg", "p.pdf", "P.PNG", "größe.final.Svg"])
def test_a_plot_may_be_of_three_formats(name: str, tmp_path: Path) -> None:
    assert picture(tmp_path / name) == tmp_path / name


@pytest.mark.parametrize("name", ["p.gif", "p", "png", "p.png.txt", ".png"])
def test_other_formats_are_refused_with_the_three(name: str, tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"does not end with one of \.png, \.svg, \.pdf"):
        picture(tmp_path / name)


def test_a_file_may_be_new_or_written_over(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("before")
    for name in ("old.md", "new.md"):
        assert writable(tmp_path / name) == tmp_path / name
    assert (tmp_path / "old.md").read_text() == "before"
    assert writable(None) is picture(None) is None


@pytest.mark.parametrize("check", [writable, picture])
def test_a_folder_or_a_place_in_no_folder_is_refused(check: Any, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(typer.BadParameter, match=r"folder\.png is a folder; name a file"):
        check(tmp_path / "folder.png")
    with pytest.raises(typer.BadParameter, match=r"there is no folder .*nowhere"):
        check(tmp_path / "nowhere" / "p.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(typer.BadParameter, match=r"there is no folder .*file"):
        check(tmp_path / "file" / "p.png")


def test_a_place_that_must_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def access(place: Path, _mode: int) -> bool:
        asked.append(place)
        return False

    monkeypatch.setattr("corpuscope.cli.options.os.access", access)
    (tmp_path / "old.png").write_text("")
    for name in ("old.png", "new.png"):
        with pytest.raises(typer.BadParameter, match="no permission to write"):
            writable(tmp_path / name)
    # A new file needs a folder that can be written, an old one only itself.
    assert asked == [tmp_path / "old.png", tmp_path]


@dataclass
class Plain:
    """A result that notes how it is printed and plotted."""

    shown: list[tuple[bool, int]]

    def plot(self) -> None:
        raise AssertionError("plotted by hand")


@pytest.mark.parametrize(
    ("evidence", "kept", "printed"), [(None, 5, 2), (0, 0, 0), (1, 1, 1), (9, 9, 9)]
)
def test_as_many_texts_are_kept_and_printed_as_were_asked_for(
    evidence: int | None, kept: int, printed: int
) -> None:
    output, found = Output(evidence=evidence), Plain([])

    def show(given: Plain, /, *, as_json: bool, n_evidence: int) -> None:
        given.shown.append((as_json, n_evidence))

    assert output.n_kept() == kept
    assert output.n_kept(3) == (3 if evidence is None else evidence)
    output.deliver(found, show)
    replace(output, json=True).deliver(found, show, usual=4)
    assert found.shown == [(False, printed), (True, 4 if evidence is None else evidence)]


def test_a_result_is_printed_before_it_is_plotted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(options, "save_plot", lambda found, path: done.append((found, path)))
    found = Plain([])

    def show(_given: Plain, /, *, as_json: bool, n_evidence: int) -> None:
        done.append("printed")

    Output(plot=tmp_path / "p.png").deliver(found, show)
    Output().deliver(found, show)
    assert done == ["printed", (found, tmp_path / "p.png"), "printed"]


@pytest.mark.parametrize("kind", [ComparisonSettings, TrendSettings])
def test_a_comparison_without_options_is_that_of_the_interface(
    kind: type[ComparisonSettings],
) -> None:
    assert ComparisonOptions().settings(kind, Output()) == kind()


def test_each_option_of_a_comparison_is_in_its_settings() -> None:
    given = ComparisonOptions(
        count_copies=True, words=False, features=False, min_support=7, max_findings=3,
        rename=False, seed=11,
    )  # fmt: skip
    assert given.settings(TrendSettings, Output(evidence=0)) == TrendSettings(
        count_copies=True, words=False, features=False, min_support=7, max_findings=3,
        rename=False, seed=11, evidence=0,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [TrainingSettings, FinetuneSettings])
def test_training_without_options_is_that_of_the_interface(kind: type[TrainingSettings]) -> None:
    def on_step(_name: str, _report: object) -> None:
        """Does nothing."""

    assert TrainingOptions().settings(kind, on_step) == kind(on_step=on_step)
    given = TrainingOptions(units=99, batch_size=8, learning_rate=0.25)
    expected = kind(n_units=99, batch_size=8, learning_rate=0.25, on_step=on_step)
    assert given.settings(kind, on_step) == expected
    assert TrainingOptions().max_units == ReadingSettings().max_units


def test_reading_for_training_keeps_roles_and_shows_progress() -> None:
    plain = ReaderOptions().settings(50)
    assert plain == ReadingSettings(max_units=50, progress=True)
    # A list without roles counts all text.
    assert ReaderOptions(role=[]).settings(50).roles is None
    assert ReaderOptions(role=["user", "system"]).settings(50).roles == ["user", "system"]
    assert ReaderOptions().load() is None


def test_options_of_the_reader_are_those_of_load_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(cs, "load_reader", lambda name, **more: asked.append((name, more)))
    ReaderOptions(reader="m.gguf", dtype="fp16", quantize="8bit", device="cuda:1").load()
    LanguageModelOptions(device_map="auto", revision="v1").load()
    assert asked == [
        ("m.gguf", {"revision": None, "device": "cuda:1", "dtype": "fp16",
                    "quantization": "8bit", "device_map": None}),
        (BUILTIN_READER, {"revision": "v1", "device": "auto", "dtype": None,
                          "quantization": None, "device_map": "auto"}),
    ]  # fmt: skip


def test_options_that_torch_alone_knows_take_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(cs, "load_reader", lambda name, **more: asked.append(name))
    ExtractReaderOptions(device="cpu").load()
    ExtractReaderOptions(engine="numpy").load()
    assert asked == []
    ExtractReaderOptions(dtype="float32").load()
    assert asked == [BUILTIN_READER]
    with pytest.raises(ReaderError, match="--dtype with the engine openvino"):
        ExtractReaderOptions(dtype="float32", engine="openvino").load()


def test_what_a_new_dictionary_reads_at_once_may_be_chosen() -> None:
    assert TrainingReaderOptions().settings(50) == ReadingSettings(max_units=50, progress=True)
    found = TrainingReaderOptions(context="passage", max_tokens=99).settings(50)
    assert (found.context, found.max_tokens) == ("passage", 99)
    with pytest.raises(typer.BadParameter, match="sentence or passage, not page"):
        TrainingReaderOptions(context="page").settings(50)


def test_the_objective_by_default_is_one_that_there_is() -> None:
    assert ObjectiveOptions().objective in OBJECTIVES


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({}, {}),
        ({"answers": [], "dialogue": False}, {}),
        ({"answers": ["a", "b"], "dialogue": True, "encoding": "cp1252", "delimiter": ";"},
         {"answers": ["a", "b"], "dialogue": True, "encoding": "cp1252", "delimiter": ";"}),
    ],
)  # fmt: skip
def test_rare_options_of_a_corpus_are_recorded_only_if_given(
    given: dict[str, Any], more: dict[str, Any]
) -> None:
    usual = {"text": "body", "prompt": None, "response": None, "messages": None, "id": "key"}
    found = CorpusOptions(text="body", id="key", **given).parameters()
    assert found == usual | more
    assert json.loads(json.dumps(found)) == found


def test_a_corpus_is_read_as_the_interface_reads_it(tmp_path: Path) -> None:
    rows = [
        {"key": f"k{i}", "body": f"A text of number {i}.", "group": "ab"[i % 2], "n": i}
        for i in range(6)
    ]
    file = str(lines(tmp_path / "a.jsonl", rows))
    found = CorpusOptions(text="body", id="key").read([file], metadata=["group"])
    expected = cs.read_corpus(tmp_path / "a.jsonl", text="body", id="key", metadata=["group"])
    assert list(found) == list(expected)
    assert [one.metadata for one in found] == [{"group": row["group"]} for row in rows]
    # An empty list of columns is none given.
    every = CorpusOptions(text="body", id="key").read([file], metadata=[])
    assert [one.metadata for one in every] == [
        {"group": row["group"], "n": row["n"]} for row in rows
    ]


def test_delimiter_and_encoding_of_a_table_are_as_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text;n\nGrüße, an alle;1\nZwei, drei;2\n".encode("cp1252"))
    given = CorpusOptions(encoding="cp1252", delimiter=";")
    found = list(given.read([str(tmp_path / "a.csv")]))
    assert [one.text for one in found] == ["Grüße, an alle", "Zwei, drei"]


def test_roles_that_no_text_has_are_told_before_reading(tmp_path: Path) -> None:
    file = str(lines(tmp_path / "a.jsonl", [{"text": "One."}, {"text": "Two."}]))
    assert len(list(CorpusOptions().read([file]))) == 2
    with pytest.raises(cs.CorpuscopeError, match="user"):
        CorpusOptions().read([file], roles=["user"])

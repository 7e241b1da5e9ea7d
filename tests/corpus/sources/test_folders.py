"""What lies in a folder becomes the parts of a corpus."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpuscope.corpus.sources.folders import FILE, SPLIT, parts_of_folder
from corpuscope.corpus.sources.rows import Labelled, Row, SourcePart
from corpuscope.errors import InputError
from tests.corpus.parts import Listed

KINDS = {".csv": "csv", ".jsonl": "jsonl", ".json": "jsonl", ".txt": "txt", ".arrow": "arrow"}


def parts(folder: Path) -> list[SourcePart]:
    def named(path: Path) -> str | None:
        return KINDS.get(path.suffix.lower())

    def opened(path: Path) -> SourcePart:
        return Listed(({"text": path.read_text()},), name=path.relative_to(folder).as_posix())

    def texts(name: str, paths: Sequence[Path], ids: Sequence[str]) -> SourcePart:
        return Listed(tuple({"id": id} for id in ids), name=name, kind="txt", n=len(paths))

    return list(parts_of_folder(folder, named, opened, texts))


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def rows(part: SourcePart) -> list[object]:
    return [row.values if isinstance(row, Row) else row for row in part.rows()]


def refusal(folder: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        parts(folder)
    assert str(folder) in caught.value.found
    return caught.value


def save(folder: Path, files: Sequence[str], **state: object) -> Path:
    """A data set as `save_to_disk` writes it."""
    fill(folder, *files, "dataset_info.json")
    told = {"_data_files": [{"filename": name} for name in files], **state}
    (folder / "state.json").write_text(json.dumps(told))
    return folder


def test_the_columns_of_files_and_of_splits_have_their_names() -> None:
    assert (FILE, SPLIT) == ("file", "split")


def test_tables_of_one_kind_are_a_part_each_in_order_of_their_paths(tmp_path: Path) -> None:
    fill(tmp_path, "b.csv", "a.csv", "deep/er/c.CSV", "picture.png")
    assert [part.name for part in parts(tmp_path)] == ["a.csv", "b.csv", "deep/er/c.CSV"]
    assert rows(parts(tmp_path)[1]) == [{"text": "b.csv"}]


def test_text_files_are_one_part_with_their_paths_as_ids(tmp_path: Path) -> None:
    (part,) = parts(fill(tmp_path, "b.txt", "deep/a.TXT", "a.txt.txt"))
    assert (part.name, part.n_rows()) == (str(tmp_path), 3)
    assert rows(part) == [{"id": "a.txt"}, {"id": "b"}, {"id": "deep/a"}]


def test_hidden_files_and_those_that_lie_beside_a_data_set_do_not_count(tmp_path: Path) -> None:
    fill(tmp_path, "a.csv", ".b.csv", "_c.csv", ".git/d.csv", "_tmp/e.csv", "deep/.f/g.csv")
    fill(tmp_path, "README.txt", "deep/LICENSE.txt", "requirements.txt", "dataset_infos.json")
    fill(tmp_path, "config.json", "metadata.json", "dataset_info.json")
    (tmp_path / "folder.csv").mkdir()
    assert [part.name for part in parts(tmp_path)] == ["a.csv"]


def test_folders_named_by_a_column_and_its_value_give_it_to_their_rows(tmp_path: Path) -> None:
    fill(tmp_path, "year=2020/lang=en/a.csv", "year=2021/plain/b=c.csv", "=x/c.csv")
    first, second, third = sorted(parts(tmp_path), key=lambda part: part.name[-5:])
    assert rows(first) == [{"year": "2020", "lang": "en", "text": "year=2020/lang=en/a.csv"}]
    assert rows(third) == [{"year": "2021", "text": "year=2021/plain/b=c.csv"}]
    assert rows(second) == [{"text": "=x/c.csv"}]


def test_a_folder_without_files_that_can_be_read_is_refused(tmp_path: Path) -> None:
    error = refusal(fill(tmp_path, "picture.png", ".hidden.csv"))
    assert error.found.endswith("has no readable files")
    assert "one document each" in error.expected
    assert error.next_step == "name the files, for example by a pattern"


def test_files_of_several_kinds_are_refused_with_a_pattern_for_the_largest(tmp_path: Path) -> None:
    fill(tmp_path, "a.csv", "b.csv", "a-name-that-is-long.jsonl", "c.txt")
    error = refusal(tmp_path)
    assert error.found.endswith("several kinds: 2 .csv, 1 .jsonl, 1 .txt")
    assert error.expected == "files of one kind"
    assert f"'{tmp_path / '**' / '*.jsonl*'}'" in error.next_step


def test_a_data_set_saved_to_disk_is_its_own_files_in_its_order(tmp_path: Path) -> None:
    save(tmp_path, ["data-2.arrow", "data-1.arrow"])
    fill(tmp_path, "cache-1.arrow", "notes.csv")
    assert [part.name for part in parts(tmp_path)] == ["data-2.arrow", "data-1.arrow"]


def test_the_parts_of_a_data_set_are_labelled_with_their_split(tmp_path: Path) -> None:
    for split in ("train", "test"):
        save(tmp_path / split, ["data.arrow"])
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    found = parts(tmp_path)
    assert all(isinstance(part, Labelled) for part in found)
    assert [part.name for part in found] == ["train/data.arrow", "test/data.arrow"]
    assert [rows(part)[0] for part in found] == [
        {"split": "train", "text": "data.arrow"},
        {"split": "test", "text": "data.arrow"},
    ]


def test_a_data_set_whose_rows_were_moved_is_refused(tmp_path: Path) -> None:
    moved = save(tmp_path, ["data.arrow"], _indices_files=[{"filename": "indices.arrow"}])
    error = refusal(moved)
    assert "shuffled or filtered" in error.found
    assert "flatten_indices()" in error.next_step
    assert len(parts(save(tmp_path, ["data.arrow"], _indices_files=[]))) == 1
    assert len(parts(save(tmp_path, ["data.arrow"], _indices_files=None))) == 1


@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("{", "state.json: "),
        ("[]", "state.json: "),
        ("{}", "state.json: '_data_files'"),
        ('{"_data_files": null}', "state.json: "),
        ('{"_data_files": [{"filename": "gone.arrow"}]}', "gone.arrow is missing"),
    ],
)
def test_a_data_set_that_is_not_whole_is_refused(tmp_path: Path, state: str, what: str) -> None:
    fill(tmp_path, "dataset_info.json", "state.json", "data.arrow")
    (tmp_path / "state.json").write_text(state)
    error = refusal(tmp_path)
    assert f"is damaged ({what}" in error.found
    assert error.expected == "a folder written by save_to_disk"
    assert error.next_step == "save or copy it again"


def test_splits_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text("{}")
    assert "dataset_dict.json: 'splits'" in refusal(tmp_path).found

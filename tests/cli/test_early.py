"""Slips in the names of stores, columns, groups and dictionaries are found before any work."""

from pathlib import Path

import pytest

from corpuscope.cli import early
from corpuscope.cli.early import check_dictionary, check_stores
from corpuscope.errors import ColumnNotFound, DictionaryError, GroupNotFound, StoreDamaged
from corpuscope.sae.files import save_dictionary
from tests.sae.worlds import random_dictionary
from tests.store.worlds import record, write


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The groups a and b in one, b and größe in the other, and 20 versions in both."""
    folder = tmp_path_factory.mktemp("early")
    found = []
    for name, groups in (("one", "aab"), ("two", ["b", "größe", None])):
        metadata = [
            {"group": groups[i % 3], "version": i % 20, "only " + name: "x"} for i in range(42)
        ]
        records = [record(f"{name}{i}", metadata=each) for i, each in enumerate(metadata)]
        found.append(write(folder / f"{name}.scope", records, size=50).path)
    return found


@pytest.mark.parametrize("by", [None, "group", "version"])
def test_what_is_there_passes(by: str | None, stores: list[Path]) -> None:
    check_stores(stores, columns=["version", None, "group"], by=by)
    check_stores([])
    check_stores(stores, by="group", groups=["a", "größe", None])
    # Numbers are named as text.
    check_stores(stores, by="version", groups=["19"])
    check_stores(stores[:1], columns=["only one"], by="group", groups=["b"])


@pytest.mark.parametrize(
    ("columns", "by", "missing"),
    [
        (["nothing"], None, "nothing"),
        ([None, "version", "Group"], "group", "Group"),
        ([], "model", "model"),
        # The second store has not what the first one has.
        (["only one"], "group", "only one"),
    ],
)
def test_a_column_that_a_store_has_not_is_named_with_those_it_has(
    columns: list[str | None], by: str | None, missing: str, stores: list[Path]
) -> None:
    with pytest.raises(ColumnNotFound) as caught:
        check_stores(stores, columns=columns, by=by)
    place = "two.scope" if missing == "only one" else "one.scope"
    assert caught.value.found.endswith(f"{place} has no metadata column {missing!r}")
    assert "'group'" in caught.value.expected


def test_a_group_of_no_store_is_named_with_the_sizes_of_all(stores: list[Path]) -> None:
    with pytest.raises(GroupNotFound) as caught:
        check_stores(stores, by="group", groups=["a", None, "c"])
    assert caught.value.found == "the column 'group' has no group 'c'"
    # The largest first; documents without a group are none.
    assert caught.value.expected == "one of {'a': 28, 'b': 28, 'größe': 14}"


def test_of_many_groups_twelve_are_named_and_the_others_counted(stores: list[Path]) -> None:
    with pytest.raises(GroupNotFound) as caught:
        check_stores(stores, by="version", groups=["20"])
    assert caught.value.expected.count(":") == 12
    assert caught.value.expected.endswith("} and 8 others")
    assert "'0': 6, '1': 6" in caught.value.expected


def test_groups_without_a_column_of_groups_are_not_looked_for(stores: list[Path]) -> None:
    check_stores(stores, groups=["no such group"])


def test_a_store_that_is_not_there_is_named_before_its_columns(
    stores: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(StoreDamaged, match="nowhere"):
        check_stores([*stores, tmp_path / "nowhere"], columns=["nothing"])


def test_a_dictionary_that_is_there_passes(tmp_path: Path) -> None:
    check_dictionary("builtin")
    save_dictionary(random_dictionary(), tmp_path / "größe.sae")
    check_dictionary(str(tmp_path / "größe.sae"))
    # Those of other projects are looked into only when loaded, and the Hub is not asked.
    (tmp_path / "params.npz").touch()
    check_dictionary(str(tmp_path))
    check_dictionary(str(tmp_path / "params.npz"))
    check_dictionary("hf:owner/name/folder@main")


@pytest.mark.parametrize(
    ("files", "found", "next_step"),
    [
        ((), "no {}/config.json", "check the path"),
        (("notes.txt",), "no {}/config.json", "check the path"),
        (("learned/recipe.json",), "{} is an unfinished training run", "repeat the command"),
        (("a/deep/recipe.json", "notes.txt"), "{} is an unfinished training run", "repeat"),
        (("b/dictionary/config.json", "a/dictionary/config.json", "c/recipe.json"),
         "{} is the folder of a training run", "name {}/a/dictionary"),
    ],
)  # fmt: skip
def test_a_folder_that_is_no_dictionary_is_told_what_it_is(
    files: tuple[str, ...], found: str, next_step: str, tmp_path: Path
) -> None:
    folder = tmp_path / "run.sae"
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("{}")
    with pytest.raises(DictionaryError) as caught:
        check_dictionary(str(folder))
    assert caught.value.found == found.format(folder)
    assert caught.value.next_step.startswith(next_step.format(folder))
    assert "of another project, or builtin" in caught.value.expected


def test_meanings_are_prepared_once_and_quietly_where_there_is_little_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"A text about the number {n}." for n in range(9)]
    records = [record(f"d{n}", text, strengths={n % 3: (1.0, 0)}) for n, text in enumerate(texts)]
    store = write(tmp_path / "a.scope", records)
    monkeypatch.setattr(early, "_FEW_SENTENCES", 0)
    early.prepare_meanings(store)
    assert "9/9 sentences embedded" in capsys.readouterr().err
    early.prepare_meanings(store)
    assert capsys.readouterr().err == ""
    other = write(tmp_path / "b.scope", records)
    monkeypatch.setattr(early, "_FEW_SENTENCES", 300)
    early.prepare_meanings(other)
    assert capsys.readouterr().err == ""

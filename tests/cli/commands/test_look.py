"""The commands that show a store, a feature, a document and two documents."""

import json
from pathlib import Path

import pytest

import corpuscope as cs
from tests.analyses.describe.worlds import BESIDE, NEW, id_of, pairs_store, text_of
from tests.cli.conftest import Command
from tests.store.worlds import record, write

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pairs_store(tmp_path_factory.mktemp("look") / "pairs.scope").path


def test_info_shows_columns_and_questions(command: Command, store: Path) -> None:
    shown = command("info", store)
    assert shown.code == 0, shown.err
    assert "40 documents, 12 features, 240 tokens" in shown.out
    assert "v1 20, v2 20" in shown.out
    assert "What does v2 do that v1 did not?" in shown.out
    assert "--by version --target v2 --pair pair" in shown.out


def test_a_feature_is_shown_with_its_contexts(command: Command, store: Path) -> None:
    shown = command("feature", store, NEW, "--by", "version", "--no-rename")
    assert shown.code == 0, shown.err
    assert "in 20 of 40 documents: 50% (35% to 65%)" in shown.out
    assert "just below its threshold in 5 more" in shown.out
    assert "2 documents, 1 different texts" in shown.out
    assert "the item [[37]] costs money of course" in " ".join(shown.out.split())
    assert "not counted as present" in shown.out
    assert "v2" in shown.out.split("95 %")[1]


def test_a_word_is_shown(command: Command, store: Path) -> None:
    shown = command("feature", store, "of course", "-n", 1)
    assert '"of course"   word feature' in shown.out
    assert "[[of course]]" in shown.out


def test_a_document_is_shown_with_its_features(command: Command, store: Path) -> None:
    shown = command("document", store, id_of(5), "--pair", "pair", "--no-rename")
    assert shown.code == 0, shown.err
    assert "[[the]] item [[5]] [[costs]] money of course" in shown.out
    assert f"paired with {id_of(4)}" in shown.out
    assert f"nearest: {id_of(4)} 1.00" in shown.out


def test_a_window_says_what_is_left_out(command: Command, store: Path) -> None:
    shown = command("document", store, id_of(5), "--at", 4, "--window", 6, "--no-rename").out
    assert "(4 characters before)" in shown
    assert f"({len(text_of(5)) - 10} characters after: --at 10)" in shown


def test_two_documents_are_shown(command: Command, store: Path) -> None:
    shown = command("pair", store, id_of(5), id_of(4), "--feature", "of course", "--no-rename")
    assert shown.code == 0, shown.err
    assert "the item 5 costs money [[of course]]" in shown.out
    assert f"only in {id_of(5)}: 3;  only in {id_of(4)}: 0" in shown.out
    assert "(0.6 × item)" in shown.out
    without = command("pair", store, id_of(5), id_of(4), "--no-rename")
    assert "the item [[5]] [[costs]] money of course" in without.out


def test_commands_answer_what_the_functions_answer(command: Command, store: Path) -> None:
    opened = cs.open_store(store)
    asked = [
        (("info", store), cs.describe_store(opened)),
        (
            ("feature", store, NEW, "--by", "year", "-n", 2, "--around", 5, "--no-rename"),
            cs.describe_feature(opened, NEW, by="year", n=2, around=5, rename=False),
        ),
        (("feature", store, "money"), cs.describe_feature(opened, "money")),
        (
            ("document", store, id_of(5), "--pair", "pair", "--at", 3, "--window", 9,
             "--nearest", 2),
            cs.describe_document(opened, id_of(5), pair="pair", at=3, window=9, nearest=2),
        ),
        (
            ("pair", store, id_of(5), id_of(4), "--feature", NEW, "--feature", "money",
             "--other-feature", BESIDE),
            cs.compare_documents(opened, id_of(5), id_of(4), findings=[[NEW, "money"], [BESIDE]]),
        ),
        (("pair", store, id_of(5), id_of(4)), cs.compare_documents(opened, id_of(5), id_of(4))),
    ]  # fmt: skip
    for arguments, found in asked:
        answer = command(*arguments, "--json").json
        assert answer == json.loads(json.dumps(found.to_json()))
        assert set(answer) >= SHARED
        assert answer["analysis"] == arguments[0]


def test_other_stores_are_pooled(command: Command, store: Path, tmp_path: Path) -> None:
    other = pairs_store(tmp_path / "other.scope").path
    found = command("feature", store, NEW, "--also", other, "--no-rename", "--json").json
    assert found["n_present"] == 40


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("feature", "99"), "0 to 11"),
        (("feature", "of coarse"), "of course"),
        (("feature", "3", "--by", "versoin"), "versoin"),
        (("feature", "3", "-n", "-1"), "n is -1"),
        (("document", "p02"), "p02/v1"),
        (("document", "p02/v1", "--pair", "par"), "par"),
        (("document", "p02/v1", "--at", "999"), "999"),
        (("pair", "p02/v1", "p99"), "p99"),
        (("pair", "p02/v1", "p02/v2", "--feature", "nosuchword"), "nosuchword"),
    ],
)
def test_bad_input_is_named(
    command: Command, store: Path, arguments: tuple[str, ...], told: str
) -> None:
    name, *rest = arguments
    refused = command(name, store, *rest)
    assert refused.code == 2
    assert told in refused.err
    assert "next:" in refused.err


def test_hostile_ids_names_and_texts_are_printed_as_they_are(
    command: Command, tmp_path: Path
) -> None:
    ids = ["[red]x[/red]\x1b[2J", "[/]\u202e/../%00"]
    records = [
        record(id, f"[b]{id}[/b] \x1b[31mred", strengths={1: (1.0, 0)}, metadata={"[i]": id})
        for id in ids
    ]
    path = write(tmp_path / "s", [*records, record("\x07", "plain")]).path
    for arguments in (
        ("info", path),
        ("feature", path, "1", "--by", "[i]", "--no-rename"),
        ("document", path, ids[0], "--pair", "[i]", "--no-rename"),
        ("pair", path, *ids, "--no-rename"),
        ("pair", path, ids[0], "\x07", "--no-rename"),
    ):
        shown = command(*arguments)
        assert shown.code == 0, shown.err
        assert "[red]x[/red]␛[2J" in shown.out
        assert not {"\x1b", "\x07", "\u202e"} & set(shown.out)
        answer = command(*arguments, "--json").json
        assert answer["analysis"] == arguments[0]


def test_a_store_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    for arguments in (("info",), ("feature",), ("document",), ("pair",)):
        rest = {"feature": ["1"], "document": ["a"], "pair": ["a", "b"]}.get(arguments[0], [])
        refused = command(*arguments, tmp_path / "none.scope", *rest)
        assert refused.code == 2
        assert "none.scope" in refused.err

import json
from pathlib import Path

import pytest

import corpuscope as cs
from tests.cli.conftest import Command, Extract, answers, lines
from tests.reader.tiny import tiny_bert

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}


@pytest.fixture
def asking(store: Path, extract: Extract, models: Path, tmp_path: Path) -> tuple[object, ...]:
    """Three probes of the version, and another store of the same kind."""
    other = [
        row | {"id": "x" + row["id"], "text": " ".join(reversed(row["text"].split()))}
        for row in answers()
    ]
    file = lines(tmp_path / "other.jsonl", other)
    assert extract(file, "--into", tmp_path / "other.scope").code == 0
    return ("probe", store, "--label", "version", "--group", "question_id", "--folds", "2",
            "--probe", "words", "--probe", "sae token max k=2", "--probe", "dense token last",
            "--unseen", tmp_path / "other.scope", "--no-rename",
            "--dictionary", models / "dictionary", "--reader", models / "reader")  # fmt: skip


def test_probes_and_features_are_shown(command: Command, asking: tuple[object, ...]) -> None:
    shown = command(*asking)
    assert shown.code == 0, shown.err
    assert "3 probes: version (v1, v2); 60 documents" in shown.out
    assert "sae token max k=2" in shown.out
    assert "other" in shown.out
    assert "features of sae token max k=2" in shown.out
    assert "[[" in shown.out


def test_one_object_with_the_promised_names(
    command: Command, asking: tuple[object, ...], models: Path
) -> None:
    asked = command(*asking, "--json").json
    assert set(asked) >= SHARED | {"probes"}
    store = cs.open_store(asking[1])  # type: ignore[arg-type]
    unseen = store.path.parent / "other.scope"
    found = cs.probe(
        store,
        label="version",
        group="question_id",
        settings=cs.ProbeSettings(folds=2, rename=False),
        reader=tiny_bert(),
        probes=["words", "sae token max k=2", "dense token last"],
        unseen={"other": cs.open_store(unseen)},
        dictionary=models / "dictionary",
    )
    assert asked == json.loads(json.dumps(found.to_json()))
    assert {one["role"] for one in asked["probes"][0]["evaluations"]} == {"train", "test", "unseen"}


def test_features_are_struck_out_and_unseen_labels_are_given(
    command: Command, asking: tuple[object, ...], tmp_path: Path
) -> None:
    before = command(*asking, "--json").json["probes"][1]
    number = before["features"][0]["feature"]
    unseen = ("--unseen", f"{tmp_path / 'other.scope'}=v2")
    given = [part for part in asking if part not in ("--unseen", tmp_path / "other.scope")]
    shown = command(*given, *unseen, "--without", number, "--plot", tmp_path / "p.svg")
    assert shown.code == 0, shown.err
    assert "sae token max k=2 (1 excluded)" in shown.out
    assert "% above" in shown.out
    assert (tmp_path / "p.svg").stat().st_size > 1000
    column = (*given, "--unseen", f"{tmp_path / 'other.scope'}:version", "--json")
    assert command(*column).json["probes"][0]["evaluations"][2]["n"] == 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--without", "999"), "among the features to exclude"),
        (("--probe", "vibes"), "the probe 'vibes'"),
        (("--target", "v9"), "no group 'v9'"),
        (("--unseen", "nowhere.scope"), "nowhere.scope"),
        (("--label", "nothing"), "no metadata column 'nothing'"),
    ],
)
def test_what_cannot_be_asked_is_told(
    options: tuple[str, ...], message: str, command: Command, store: Path, models: Path
) -> None:
    models_of = ("--dictionary", models / "dictionary", "--reader", models / "reader")
    shown = command("probe", store, "--label", "version", "--folds", "2", *options, *models_of)
    assert shown.code == 2
    assert message in shown.err

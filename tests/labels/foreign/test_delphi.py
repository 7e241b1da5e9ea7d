import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from corpuscope.errors import InputError
from corpuscope.labels.foreign.delphi import balanced_accuracy, is_delphi, read_delphi
from tests.labels.foreign.worlds import judged, write_run

RIGHT = [judged(True, True), judged(True, True), judged(False, False), judged(False, True)]


def test_explanations_come_with_the_balanced_accuracy_of_detection(tmp_path: Path) -> None:
    run = write_run(
        tmp_path,
        {3: '"polite thanks"', 12: '"a question"', 7: '"untested"'},
        {"detection": {3: RIGHT}, "fuzz": {3: RIGHT[:2], 12: RIGHT}},
    )
    assert is_delphi(run)
    found = read_delphi(run)
    rows = found.table.set_index("feature")
    assert rows.loc[3, ["label", "score", "score_kind"]].tolist() == [
        "polite thanks", 0.75, "detection, balanced accuracy",
    ]  # fmt: skip
    assert rows.loc[12, ["score", "score_kind"]].tolist() == [0.75, "fuzzing, balanced accuracy"]
    assert np.isnan(rows.loc[7, "score"])
    assert set(found.table["explainer"]) == {"an explainer"}
    assert (found.origin.model, found.origin.layer) == ("EleutherAI/pythia-160m", 10)
    assert not found.skipped


def test_what_failed_is_counted_and_no_label(tmp_path: Path) -> None:
    unanswered = [*RIGHT, judged(True, None), judged(False, None)]
    run = write_run(
        tmp_path,
        {0: '"Explanation could not be parsed."', 1: "", 2: "{broken", 3: '"kept"', 4: '" "'},
        {"detection": {3: unanswered, 0: "", 1: "[1", 4: [], 2: {"no": "list"}}},
    )
    found = read_delphi(run)
    statuses = found.table.set_index("feature")["status"].to_dict()
    assert statuses == {0: "unparsed", 1: "empty", 2: "unparsed", 3: "ok", 4: "empty"}
    assert found.skipped == {
        "files without a byte": 2, "files that are no JSON": 2,
        "judged passages without an answer": 2,
    }  # fmt: skip
    # Those without an answer are left out, not counted as wrong.
    assert found.table.set_index("feature").loc[3, "score"] == 0.75


def test_of_several_hookpoints_one_is_named(tmp_path: Path) -> None:
    write_run(tmp_path, {0: '"of ten"'})
    run = write_run(tmp_path, {0: '"of five"'}, hookpoint="model/layers.5.mlp")
    with pytest.raises(InputError, match=r"hookpoints layers\.10, model/layers\.5\.mlp"):
        read_delphi(run)
    with pytest.raises(InputError, match=r"not of layers\.1"):
        read_delphi(run, "layers.1")
    found = read_delphi(run, "model/layers.5.mlp")
    assert found.table["label"].tolist() == ["of five"]
    assert found.origin.layer == 5


def test_the_number_is_what_follows_the_last_latent(tmp_path: Path) -> None:
    run = write_run(tmp_path, {4: '"a label"'}, hookpoint="x_latent7_latent")
    assert read_delphi(run).table["feature"].tolist() == [4]


def test_balanced_accuracy_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        truth, told = rng.random(30) < 0.3, rng.random(30) < 0.5
        found = balanced_accuracy(truth.tolist(), told.tolist())
        if truth.any():
            assert found == pytest.approx(balanced_accuracy_score(truth, told))


def test_one_kind_alone_has_no_balanced_accuracy() -> None:
    assert balanced_accuracy([True, True], [True, False]) is None
    assert balanced_accuracy([False], [True]) is None


def test_a_folder_of_something_else_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "explanations").mkdir()
    (tmp_path / "explanations" / "notes.txt").write_text(json.dumps("x"))
    assert not is_delphi(tmp_path)

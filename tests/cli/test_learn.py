from pathlib import Path

import pytest

from tests.cli.conftest import Command, Outcome, answers, lines

SMALL = ("--features", 24, "--k", 3, "--units", 2000, "--batch-size", 64, "--layer", 2)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return lines(tmp_path / "a.jsonl", answers())


@pytest.fixture
def train(command: Command, models: Path, corpus: Path, tmp_path: Path) -> Outcome:
    return command(
        "train", corpus, "--into", tmp_path / "my.sae", "--reader", models / "reader", *SMALL,
        "--plot", tmp_path / "run.svg",
    )  # fmt: skip


def test_train_makes_a_dictionary_that_extract_takes(
    train: Outcome, command: Command, models: Path, corpus: Path, tmp_path: Path
) -> None:
    assert train.code == 0, train.err
    assert "unexplained variance" in train.out
    assert "31/31" in train.err
    assert (tmp_path / "run.svg").stat().st_size > 1000
    dictionary = tmp_path / "my.sae" / "learned" / "dictionary"
    shown = command(
        "extract", corpus, "--into", tmp_path / "a.scope", "--dictionary", dictionary,
        "--reader", models / "reader",
    )  # fmt: skip
    assert "60 documents, 24 features" in shown.out


def test_evaluate_gives_one_object(
    command: Command, models: Path, corpus: Path, tmp_path: Path
) -> None:
    found = command(
        "evaluate", models / "dictionary", corpus, "--reader", models / "reader", "--json"
    ).json
    assert found["analysis"] == "evaluate"
    assert set(found["parts"]) == {"token", "sentence"}
    part = found["parts"]["token"]
    for key in ("unexplained_variance", "l0", "dead_share", "dense_share", "density_histogram"):
        assert key in part
    counts = part["density_histogram"]["counts"]
    assert sum(counts) == round(24 * (1 - part["dead_share"]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--objective", "sparse"), "the objective 'sparse'"),
        (("--objective", "relu", "--k", 3), "a coefficient only"),
        (("--objective", "top-k", "--coefficient", 3), "top-k with k only"),
        (("--batch-size", 4096), "at least 4,096, one batch"),
        (("--layer", 9), "layers from 0 to 4"),
    ],
)
def test_what_cannot_be_is_told(
    options: tuple[object, ...],
    message: str,
    command: Command,
    models: Path,
    corpus: Path,
    tmp_path: Path,
) -> None:
    shown = command(
        "train", corpus, "--into", tmp_path / "my.sae", "--reader", models / "reader", *options
    )
    assert shown.code == 2
    assert message in shown.err


def test_a_finished_run_is_not_begun_again(
    train: Outcome, command: Command, models: Path, corpus: Path, tmp_path: Path
) -> None:
    assert train.code == 0
    shown = command(
        "train", corpus, "--into", tmp_path / "my.sae", "--reader", models / "reader", *SMALL
    )
    assert shown.code == 2
    assert "is there already" in shown.err

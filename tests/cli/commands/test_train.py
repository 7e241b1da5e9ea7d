from pathlib import Path

import pytest

from tests.cli.conftest import Command, Outcome, answers, lines

SMALL = ("--features", 24, "--k", 3, "--units", 2000, "--batch-size", 64, "--layer", 2)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return lines(tmp_path / "a.jsonl", answers())


@pytest.fixture
def varied(tmp_path: Path) -> Path:
    """Documents of different texts, so that some are held out."""
    nouns = ("cat", "dog", "onion", "mat", "question", "answer")
    verbs = ("sat on", "fried", "saw", "asked")
    rows = [
        {"id": f"{i}", "text": f"The {one} {verb} the {other} {i % 7}. It was one of {i}."}
        for i, (one, verb, other) in enumerate(
            (one, verb, other) for one in nouns for verb in verbs for other in nouns
        )
    ]
    return lines(tmp_path / "varied.jsonl", rows)


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


def test_evaluate_holds_dictionaries_side_by_side(
    command: Command, models: Path, corpus: Path
) -> None:
    arguments = ("evaluate", models / "dictionary", corpus, "--reader", models / "reader",
                 "--compare", models / "other")  # fmt: skip
    found = command(*arguments, "--json").json
    other = found["beside"][str(models / "other")]
    assert set(other) == {"token", "sentence"}
    assert set(other["token"]["agreement"]) == {"cosine", "shared", "overlap", "weighted_overlap"}
    assert "agreement" not in found["parts"]["token"]
    assert "firing overlap with 1" in command(*arguments).out


def test_a_control_stands_beside_what_was_learned(
    command: Command, models: Path, varied: Path, tmp_path: Path
) -> None:
    found = command(
        "train", varied, "--into", tmp_path / "my.sae", "--reader", models / "reader", *SMALL,
        "--control", "--json",
    ).json  # fmt: skip
    learned, control = (found["arms"][name] for name in ("tokens", "random decoder"))
    assert learned["unexplained_variance"] < control["unexplained_variance"]


def test_finetune_compares_three_arms(
    command: Command, models: Path, varied: Path, corpus: Path, tmp_path: Path
) -> None:
    arguments = (
        "finetune", models / "dictionary", varied, "--into", tmp_path / "f.sae",
        "--reader", models / "reader", "--units", 3000, "--batch-size", 64,
        "--also", varied, "--from-scratch", "--renewed", 0.25, "--learning-rate", 0.003,
    )  # fmt: skip
    found = command(*arguments, "--json").json
    arms = found["arms"]
    assert list(arms) == ["unchanged", "finetuned", "from scratch"]
    assert arms["finetuned"]["unexplained_variance"] < arms["unchanged"]["unexplained_variance"]
    assert set(found["kept"]) == set(arms)
    assert found["drift"]["n_renewed"] == 6
    shown = command(*arguments)
    assert "On the texts mixed in" in shown.out
    named = command("label", tmp_path / "f.sae/dictionary", varied, "--reader", models / "reader",
                    "--json").json  # fmt: skip
    assert set(named["scores"]) == {"token", "sentence"}


def test_sweep_learns_a_grid_and_draws_it(
    command: Command, models: Path, varied: Path, tmp_path: Path
) -> None:
    arguments = (
        "sweep", varied, "--into", tmp_path / "grid", "--reader", models / "reader",
        "--objective", "batch-top-k:2", "--objective", "jump-relu:0.01", "--seeds", 2, "--control",
        "--features", 24, "--units", 1200, "--batch-size", 64, "--layer", 2,
        "--named-documents", 40,
    )  # fmt: skip
    found = command(*arguments, "--json").json
    cells = found["cells"]
    assert len(cells) == 8
    first = cells[0]
    assert (first["objective"], first["sparsity"], first["control"]) == ("batch-top-k", 2, False)
    for own, control in zip(cells[::2], cells[1::2], strict=True):
        assert (own["control"], control["control"]) == (False, True)
        assert own["unexplained_variance"] < control["unexplained_variance"]
        # Of another seed's features, not of its own.
        assert 0 < own["stability"] < 0.95
    shown = command(*arguments, "--plot", tmp_path / "grid.svg")
    assert shown.code == 0
    assert "random" in shown.out
    for name in ("reconstruction", "densities", "labels"):
        assert (tmp_path / f"grid-{name}.svg").stat().st_size > 1000


@pytest.mark.parametrize("arm", ["batch-top-k", "batch-top-k:few", "sparse:3"])
def test_an_arm_that_is_none_is_told(
    arm: str, command: Command, models: Path, varied: Path, tmp_path: Path
) -> None:
    shown = command("sweep", varied, "--into", tmp_path / "grid", "--reader", models / "reader",
                    "--objective", arm)  # fmt: skip
    assert shown.code == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--objective", "sparse"), "objective is 'sparse'"),
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
    again = ("train", corpus, "--into", tmp_path / "my.sae", "--reader", models / "reader")
    shown = command(*again, *SMALL)
    assert shown.code == 0
    assert "31/31" not in shown.err
    other = command(*again, *SMALL, "--seed", 3)
    assert other.code == 2
    assert "different seed" in other.err

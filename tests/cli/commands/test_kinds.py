"""Whether anything differs is told above the findings, with sentences that show it."""

from pathlib import Path

import pytest

from tests.analyses.sentences.test_kinds import N_FEATURES, texts
from tests.analyses.worlds import write
from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("planted", "answer"), [(0.3, "Does anything differ? yes"), (0.0, "no evidence that it does")]
)
def test_the_answer_stands_above_the_findings(
    command: Command, tmp_path: Path, planted: float, answer: str
) -> None:
    write(tmp_path / "a.scope", texts(0, planted=planted), n_features=N_FEATURES)
    options = ["--by", "model", "--target", "new", "--no-words", "--no-rename"]
    first, *rest = command("diff", tmp_path / "a.scope", *options).out.splitlines()
    assert answer in first
    assert any("finding" in line for line in rest)
    assert any(line.startswith("  • ") for line in rest) == (planted > 0)

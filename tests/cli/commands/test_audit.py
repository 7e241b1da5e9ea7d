"""`corpuscope audit` answers what the function answers, as a table, a report and a picture."""

from pathlib import Path

import corpuscope as cs
from tests.cli.conftest import Command


def test_the_command_answers_what_the_function_answers(
    command: Command, demo_store: Path, tmp_path: Path
) -> None:
    arguments = ("audit", demo_store, "--label", "version", "--no-rename", "--max-lines", 4)
    told = command(*arguments, "--json").json
    expected = cs.audit(
        cs.open_store(demo_store),
        label="version",
        settings=cs.AuditSettings(rename=False, max_lines=4, evidence=5),
    ).to_json()
    assert told["analysis"] == "audit"
    for key in ("counts", "shortcuts", "suspect_labels", "duplicates", "oddities"):
        assert told[key] == expected[key]
    shown = command(*arguments, "--report", tmp_path / "a.md", "--plot", tmp_path / "a.svg")
    assert shown.code == 0
    assert "304 documents, none of which was changed" in shown.out
    assert "Shortcuts" in shown.out
    assert (tmp_path / "a.md").read_text("utf-8").startswith("# Audit of")
    assert (tmp_path / "a.svg").stat().st_size > 1000


def test_some_checks_alone(command: Command, demo_store: Path) -> None:
    told = command("audit", demo_store, "--check", "duplicates", "--json").json
    assert told["parameters"]["checks"] == ["duplicates"]
    assert told["shortcuts"] == []


def test_a_check_that_is_none_is_told(command: Command, demo_store: Path) -> None:
    shown = command("audit", demo_store, "--check", "spelling")
    assert shown.code == 2
    assert "check is 'spelling'" in shown.err

"""Where an export goes is checked before any work is done."""

from pathlib import Path

from tests.cli.conftest import Command


def test_what_is_there_is_refused_before_the_store_is_opened(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    found = command("export", "csv", tmp_path / "no.scope", "--into", tmp_path / "there")
    assert found.code == 2
    assert "already exists" in found.err
    assert "no.scope" not in found.err


def test_where_to_must_be_said(command: Command, tmp_path: Path) -> None:
    found = command("export", "parquet", tmp_path / "no.scope")
    assert found.code == 2
    assert "--into" in found.err

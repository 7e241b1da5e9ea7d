from pathlib import Path

from tests.analyses.comparison.test_own_length import texts
from tests.analyses.worlds import write
from tests.cli.conftest import Command


def test_what_makes_its_texts_longer_is_marked(command: Command, tmp_path: Path) -> None:
    write(tmp_path / "added.scope", texts((0.05, 0.5, 0.95)))
    for asked in (("diff", "--target", "2", "--reference", "0"), ("trend",)):
        shown = command(asked[0], tmp_path / "added.scope", "--by", "group", *asked[1:])
        assert shown.code == 0, shown.err
        assert "1 finding:" in shown.out
        assert "↔  Adds length itself" in shown.out


def test_nothing_is_said_of_it_where_nothing_does(command: Command, tmp_path: Path) -> None:
    write(tmp_path / "same.scope", texts((0.0, 0.0)))
    assert "↔" not in command("diff", tmp_path / "same.scope", "--by", "group").out

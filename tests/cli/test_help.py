import re

import pytest

from tests.cli.conftest import Command

COMMANDS = ("demo", "extract", "diff", "info", "doctor")


def test_without_arguments_the_commands_are_listed(command: Command) -> None:
    listed = command()
    assert all(name in listed.out + listed.err for name in COMMANDS)
    assert command("--help").code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(command: Command, name: str) -> None:
    shown = command(name, "--help")
    assert shown.code == 0
    assert shown.err == ""
    assert f"corpuscope {name}" in shown.out
    # A sentence of its own, and a word on each option.
    assert re.search(r"\w\.|\?", shown.out)
    assert command(name, "-h").out == shown.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("diff",),
        ("extract", "a.jsonl"),
        ("info", "a", "b"),
        ("diff", "a", "--q", "many"),
        ("diff", "a", "--plot", "picture.doc"),
        ("diff", "a", "--evidence", "-1"),
        ("extract", "a.jsonl", "--into", "a", "--shard-documents", "0"),
    ],
)
def test_a_command_that_is_not_understood_leaves_with_2(
    command: Command, arguments: tuple[str, ...]
) -> None:
    found = command(*arguments)
    assert found.code == 2
    assert found.out == ""
    assert "Traceback" not in found.err

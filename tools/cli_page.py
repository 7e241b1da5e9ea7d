"""Brings the tables of docs/cli.md in line with the commands: `python -m tools.cli_page`.

Below each command's heading the sentences stay as they are; the rows of options are written anew.
"""

import re
from pathlib import Path
from typing import Any

import typer

from corpuscope.cli.main import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"


def _commands(group: Any, before: str = "") -> dict[str, Any]:
    """The commands of a group, and of groups in it, by all of their words."""
    found: dict[str, Any] = {}
    for name, one in group.commands.items():
        inner = hasattr(one, "commands")
        found |= _commands(one, f"{before}{name} ") if inner else {f"{before}{name}": one}
    return found


COMMANDS = _commands(typer.main.get_command(app))


def rows_of(command: str) -> list[str]:
    """How the page lists the options and arguments of a command."""
    rows = [_row(parameter) for parameter in COMMANDS[command].params]
    return [row for row in rows if "`--help`" not in row]


def _row(parameter: Any) -> str:
    """Names, help and default of an option or an argument."""
    spelled = [*parameter.opts, *parameter.secondary_opts]
    if parameter.param_type_name == "argument":
        spelled = [parameter.name.upper()]
    default = "required" if parameter.required else _default(parameter)
    return f"| {', '.join(f'`{name}`' for name in spelled)} | {parameter.help} | {default} |"


def _default(parameter: Any) -> str:
    if parameter.default is None or parameter.default is False:
        return ""
    if parameter.default is True:
        return f"`{max(parameter.opts, key=len)}`"
    return f"`{parameter.default}`"


def brought_in_line(page: str) -> str:
    """The page with the commands' own rows, and the first line of their help."""
    parts = re.split(r"(?m)^(?=## )", page)
    return "".join(_section(part) for part in parts)


def _section(part: str) -> str:
    heading = re.match(r"## `corpuscope ([\w ]+)`\n", part)
    name = heading[1] if heading else ""
    if name not in COMMANDS:
        return part
    lines = part.splitlines(keepends=True)
    at = [number for number, line in enumerate(lines) if line.startswith("| `")]
    rows = [f"{row}\n" for row in rows_of(name)]
    if at:
        lines[at[0] : at[-1] + 1] = rows
        return "".join(lines)
    return f"{part.rstrip()}\n\n| option | meaning | default |\n|---|---|---|\n{''.join(rows)}\n"


if __name__ == "__main__":
    PAGE.write_text(brought_in_line(PAGE.read_text("utf-8")), "utf-8")

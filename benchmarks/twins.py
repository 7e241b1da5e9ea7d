"""How much code stands twice: `python -m benchmarks.twins [OTHER]`.

Statements are taken by their shape: names, numbers and strings made one, whatever lines they are
written in. Imports, docstrings and declarations of fields and constants are left out. A statement
is a twin if it is in a run of six or more whose shapes stand in the same order elsewhere in the
package. OTHER is another checkout, to compare with.
"""

import ast
import io
import keyword
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

from benchmarks.results import record, table

_RUN = 6
_SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)


def shapes(path: Path) -> list[tuple[int, str]]:
    """The statements of a module that count, by line and shape."""
    text = path.read_text(encoding="utf-8")
    left_out: set[int] = set()
    tree = ast.parse(text)
    declared = [one for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.Module)
                for one in node.body]  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(node.lineno)
        if isinstance(node, ast.Import | ast.ImportFrom):
            left_out.add(node.lineno)
    left_out |= {one.lineno for one in declared if isinstance(one, ast.AnnAssign | ast.Assign)}
    found: list[tuple[int, str]] = []
    begun, words = 0, []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            if words and begun not in left_out:
                found.append((begun, " ".join(words)))
            words = []
        elif token.type not in _SKIPPED and token.string:
            begun = begun if words else token.start[0]
            words.append(_shape(token))
    return found


def _shape(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
        return "a"
    return {tokenize.NUMBER: "1", tokenize.STRING: "'"}.get(token.type, token.string)


def twins(package: Path) -> tuple[int, int]:
    """How many statements of a package are twins, and how many count at all."""
    files = {path: shapes(path) for path in sorted(package.rglob("*.py"))}
    places: dict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    for path, lines in files.items():
        for at in range(len(lines) - _RUN + 1):
            places[tuple(shape for _, shape in lines[at : at + _RUN])].append((path, at))
    found = {
        (path, at + i)
        for run in places.values()
        if len(run) > 1
        for path, at in run
        for i in range(_RUN)
    }
    return len(found), sum(map(len, files.values()))


def main(others: list[str]) -> None:
    """Record this checkout, and others beside it."""
    here = Path(__file__).resolve().parents[1]
    body = []
    for name, folder in [("now", here), *((f"checkout {one}", Path(one)) for one in others)]:
        n_twins, n_lines = twins(folder / "corpuscope")
        name = name if name == "now" else "before"
        body.append((name, f"{n_lines:,}", f"{n_twins:,}", f"{n_twins / n_lines:.2%}"))
    record("Code that stands twice", table(("", "statements", "twins", "share"), body))


if __name__ == "__main__":
    main(sys.argv[1:])

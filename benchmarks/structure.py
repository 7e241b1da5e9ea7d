"""How the code is built, in figures: `python -m benchmarks.structure [OTHER]`.

OTHER is another checkout, to compare with. Twins are counted by statements, taken by their shape:
names, numbers and strings made one, whatever lines they are written in. Imports, docstrings and
declarations of fields and constants are left out. A statement is a twin if it is in a run of six
or more whose shapes stand in the same order elsewhere in the package. Lines are those with code,
without comments and docstrings.
"""

import ast
import io
import keyword
import sys
import tokenize
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.results import record, table

_RUN = 6
_FOR_TOOLS = ("# fmt:", "# type:", "# noqa", "# ruff:")
_NO_PARAMETERS = {"self", "cls", "settings", "reading", "file_format"}
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


def code_lines(root: Path) -> tuple[int, int]:
    """Lines with code, and lines with a comment that is not for a tool."""
    n_code = n_comments = 0
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        docstrings = {
            number
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                n_comments += not token.string.startswith(_FOR_TOOLS)
            elif token.string.strip():
                lines |= set(range(token.start[0], token.end[0] + 1))
        n_code += len(lines - docstrings)
    return n_code, n_comments


def without_tests(checkout: Path) -> tuple[int, int]:
    """Modules without a test file of their name at their place, and all that define something."""
    defining = [
        path.relative_to(checkout / "corpuscope")
        for path in (checkout / "corpuscope").rglob("*.py")
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef)
               for node in ast.parse(path.read_text("utf-8")).body)
    ]  # fmt: skip
    tests = [checkout / "tests" / one.parent / f"test_{one.name}" for one in defining]
    return sum(not path.is_file() for path in tests), len(defining)


def most_parameters(package: Path) -> int:
    """The most parameters of a public function, settings apart; not of commands and kernels."""
    most = 0
    for path in package.rglob("*.py"):
        if "commands" in path.parts or path.stem.endswith("_kernel"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
                most = max(most, len(names - _NO_PARAMETERS))
    return most


def imports_of(package: Path) -> dict[str, set[str]]:
    """The modules of the package that each module imports, anywhere in it."""
    trees = {
        ".".join(path.relative_to(package.parent).with_suffix("").parts)
        .removesuffix(".__init__"): ast.parse(path.read_text("utf-8"))
        for path in package.rglob("*.py")
    }  # fmt: skip
    found: dict[str, set[str]] = {name: set() for name in trees}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    found[name].add(full if full in trees else node.module)
        found[name] = (found[name] & trees.keys()) - {name}
    return found


def circles(imports: dict[str, set[str]]) -> int:
    """How many modules import themselves by way of others."""
    reached = {name: set(targets) for name, targets in imports.items()}
    while True:
        wider = {
            name: targets.union(*(imports[one] for one in targets))
            for name, targets in reached.items()
        }
        if wider == reached:
            return sum(name in targets for name, targets in reached.items())
        reached = wider


def crossings(imports: dict[str, set[str]]) -> int:
    """Imports of a question by another question, or by what questions share."""
    questions = {name.split(".")[2] for name in imports if name.endswith(".analysis")
                 and name.startswith("corpuscope.analyses.")}  # fmt: skip
    return sum(
        target.split(".")[2] in questions and name.split(".")[2] != target.split(".")[2]
        for name, targets in imports.items()
        for target in targets
        if name.count(".") > 1 and name.startswith("corpuscope.analyses.")
        and target.count(".") > 1 and target.startswith("corpuscope.analyses.")
    )  # fmt: skip


def figures(checkout: Path) -> list[str]:
    """The figures of a checkout, in the order of `_ROWS`."""
    package = checkout / "corpuscope"
    sizes = Counter(path.parent for path in package.rglob("*.py"))
    imports = imports_of(package)
    n_twins, n_statements = twins(package)
    n_code, n_comments = code_lines(package)
    n_untested, n_modules = without_tests(checkout)
    return [
        f"{max(sizes.values())}",
        f"{crossings(imports)}",
        f"{circles(imports)}",
        f"{most_parameters(package)}",
        f"{n_twins} of {n_statements:,}",
        f"{code_lines(checkout / 'tests')[0] / n_code:.2f} of {n_code:,}",
        f"{n_untested} of {n_modules}",
        f"{100 * n_comments / n_code:.1f}",
    ]


_ROWS = (
    "files in the largest folder",
    "imports of a question by another, or by what they share",
    "modules in a circle of imports",
    "most parameters of a public function, settings apart",
    "statements that stand twice",
    "lines of tests for a line of code",
    "modules without a test file of their own",
    "comments for 100 lines of code",
)


def main(others: list[str]) -> None:
    """Record this checkout, and others beside it."""
    here = Path(__file__).resolve().parents[1]
    columns = [figures(here), *(figures(Path(one)) for one in others)]
    names = ["now", *("before" for _ in others)]
    body = list(zip(_ROWS, *columns, strict=True))
    record("Structure of the code", table(["", *names], body))


if __name__ == "__main__":
    main(sys.argv[1:])

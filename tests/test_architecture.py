"""The house rules: what is public is documented, typed and rightly named; asking stays light."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import corpuscope
from tests.store.worlds import record, write

DOCS = Path(__file__).parent.parent / "docs"
PACKAGE = Path(corpuscope.__file__).parent
HEAVY = ("torch", "transformers", "safetensors", "tokenizers", "huggingface_hub", "openvino")
# An SAE's own map has no other name in the field; a library is called by its name.
ALLOWED = {"encoder", "datasets"}


def modules() -> Iterator[ModuleType]:
    """Every module but those of the command line, which nobody imports."""
    for found in pkgutil.walk_packages(corpuscope.__path__, "corpuscope."):
        if not found.name.startswith(("corpuscope.cli", "corpuscope.__main__")):
            yield importlib.import_module(found.name)


def public() -> Iterator[tuple[str, str, Any]]:
    """Package, name and thing for all that a module defines for others."""
    for module in modules():
        package = module.__name__.split(".")[1]
        for name, thing in vars(module).items():
            if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__:
                yield package, name, thing


def listed() -> dict[str, Any]:
    """What the page of the Python interface lists, by name."""
    found = {name: getattr(corpuscope, name) for name in corpuscope.__all__}
    for line in (DOCS / "api.md").read_text("utf-8").splitlines():
        if row := re.match(r"\| `(\w+)` \| `([\w.]+)` \|", line):
            found[row[1]] = getattr(importlib.import_module(f"corpuscope.{row[2]}"), row[1])
    return found


def functions_of(thing: Any) -> Iterator[tuple[str, Any]]:
    """The thing itself if it is a function, else its public methods and properties."""
    if inspect.isfunction(thing):
        yield thing.__name__, thing
    if not inspect.isclass(thing):
        return
    for name, member in vars(thing).items():
        inner = getattr(member, "fget", None) or getattr(member, "func", None)
        function = inner or getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(function):
            yield f"{thing.__name__}.{name}", function


def own(thing: Any) -> bool:
    """Whether it is a function or class of ours, not an alias such as `Scalar` or a constant."""
    is_ours = getattr(thing, "__module__", "").startswith("corpuscope")
    return is_ours and (inspect.isfunction(thing) or inspect.isclass(thing))


def test_what_the_package_exports_is_sorted_and_there() -> None:
    assert sorted(dir(corpuscope)) == sorted(set(corpuscope.__all__)) == corpuscope.__all__
    assert all(hasattr(corpuscope, name) for name in corpuscope.__all__)


def test_what_is_public_is_documented() -> None:
    silent = [
        f"{room}.{name}" for room, name, thing in public() if own(thing) and not thing.__doc__
    ]
    for room, _, thing in public():
        found = functions_of(thing)
        silent += [f"{room}.{name}" for name, function in found if not function.__doc__]
    assert silent == []


def test_docstrings_say_in_their_first_line_what_one_gets() -> None:
    for _, name, thing in public():
        if own(thing):
            first = inspect.getdoc(thing).splitlines()[0]
            assert first.endswith("."), f"{name}: {first}"
            # What dataclasses write for those who write nothing.
            assert not first.startswith(f"{name}("), name


def test_what_is_public_is_typed() -> None:
    untyped = []
    for _, _, thing in public():
        for name, function in functions_of(thing):
            parameters = set(inspect.signature(function).parameters) - {"self", "cls"}
            if (parameters | {"return"}) - set(function.__annotations__):
                untyped.append(name)
    assert untyped == []


def test_all_that_the_package_exports_is_in_the_page_of_the_interface() -> None:
    page = (DOCS / "api.md").read_text("utf-8").split("## `corpuscope`")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == corpuscope.__all__
    assert len(listed()) > 150


def test_example_calls_of_the_api_page_fit_the_signatures() -> None:
    things = listed()
    n_bound = 0
    for line in (DOCS / "api.md").read_text("utf-8").splitlines():
        row = re.match(r"\| `(\w+)` \| .* \| `([^`]+)` \|$", line)
        if row is None:
            continue
        for call in ast.walk(ast.parse(row[2])):
            if isinstance(call, ast.Call):
                called = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id  # type: ignore[attr-defined]
                if own(things.get(called)):
                    given = {str(word.arg): None for word in call.keywords}
                    inspect.signature(things[called]).bind(*call.args, **given)
                    n_bound += 1
    assert n_bound > 40


def banned_words() -> set[str]:
    """Those in backticks in the last column of the glossary."""
    words: set[str] = set()
    for line in (DOCS / "glossary.md").read_text("utf-8").splitlines():
        if line.startswith("| ") and line.count("|") == 4:
            words |= set(re.findall(r"`(\w+)`", line.split("|")[3]))
    return words | {word + "s" for word in words}


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def names_of(name: str, thing: Any) -> Iterator[str]:
    """The public names that come with a thing: its own, its attributes' and its parameters'."""
    yield name
    if not own(thing):
        return
    yield from (each for each in vars(thing) if not each.startswith("_"))
    yield from getattr(thing, "__annotations__", {})
    for _, function in functions_of(thing):
        yield from inspect.signature(function).parameters


def test_synonyms_of_the_glossary_are_in_no_public_name() -> None:
    banned = banned_words()
    assert {"backbone", "latent", "neurons", "dataset", "explanation"} <= banned
    met = [
        (listed_name, name, word)
        for listed_name, thing in listed().items()
        for name in names_of(listed_name, thing)
        for word in words_of(name) & banned
        if word not in ALLOWED
    ]
    assert met == []


def python(code: str, *arguments: object) -> dict[str, Any]:
    """What `code` prints last, as JSON, in a Python of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


REPORT = "print(); print(json.dumps({'loaded': sorted({m.split('.')[0] for m in sys.modules})}))"
COMMAND = """
def command(*arguments):
    sys.argv = ["corpuscope", *arguments]
    try:
        run()
    except SystemExit as left:
        assert not left.code, (arguments, left.code)
"""
ASKING = f"""
import json, sys
import corpuscope as cs
from corpuscope.cli.main import run
{COMMAND}
store = cs.open_store(sys.argv[1])
path = str(store.path)
found = cs.diff(store, by="group", target="new")
assert found.findings, found
found.to_frame(), found.to_json(), found.plot(), found.evidence(0)
assert not cs.trend(store, by=[number % 4 // 2 + number % 3 for number in range(80)]).findings
cs.label_features(store)
assert cs.search(store, weights={{3: 1.0}}).hits
command("--help")
command("info", path)
command("diff", path, "--by", "group", "--target", "new", "--json")
command("diff", path, "--by", "group", "--target", "new")
"""
# As if these were not installed: finders that know nothing of them.
BLOCKED = f"""
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {HEAVY!r}:
            return None
        return self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)
sys.meta_path = [Without(finder) for finder in sys.meta_path]
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the new documents have feature 3, and the old ones have not."""
    path = tmp_path_factory.mktemp("asked") / "s.scope"
    records = []
    for i in range(80):
        group = "new" if i % 2 else "old"
        strengths = {3: (2.0, 1)} if i % 2 else {4: (2.0, 0)}
        metadata = {"group": group}
        records.append(record(f"d{i}", f"one {i} three", strengths=strengths, metadata=metadata))
    write(path, records)
    return path


def test_importing_the_package_loads_no_table_no_plot_and_no_model() -> None:
    loaded = python(f"import json, sys, corpuscope; {REPORT}")["loaded"]
    assert not {"pandas", "pyarrow", "scipy", "matplotlib", "rich", *HEAVY} & set(loaded)


def test_help_loads_no_table_no_plot_and_no_model() -> None:
    code = f"import json, sys\nfrom corpuscope.cli.main import run\n{COMMAND}\ncommand('--help')\n"
    loaded = python(code + REPORT)["loaded"]
    assert not {"pandas", "pyarrow", "scipy", "matplotlib", *HEAVY} & set(loaded)


def test_asking_a_store_loads_no_model(asked: Path) -> None:
    loaded = python(ASKING + REPORT, asked)["loaded"]
    assert "pandas" in loaded
    assert not set(HEAVY) & set(loaded)


def test_a_store_can_be_asked_where_no_model_can_be_loaded(asked: Path) -> None:
    python(BLOCKED + ASKING + "command('doctor')\n" + REPORT, asked)


READING = f"""
import json, sys
import numpy as np
import corpuscope as cs
from corpuscope.cli.main import run
{COMMAND}
texts = [one.text for one in cs.demo_corpus()][:8]
folder = sys.argv[1]
for engine in ("openvino", "numpy"):
    store = cs.extract(texts, into=f"{{folder}}/{{engine}}", engine=engine)
    assert store.provenance["reader"]["engine"] == engine
found = cs.diff(store, by=[0, 1] * 4, target=1)
command("extract", sys.argv[2], "--text", "text", "--into", folder + "/default")
command("doctor")
"""
# What stands for torch and all that comes with it; tokenizers and safetensors are of the base.
OF_TORCH = ("torch", "transformers", "huggingface_hub")


@pytest.mark.slow
def test_the_built_in_reader_reads_where_torch_is_not_installed(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    rows = [{"text": text.text} for text in corpuscope.demo_corpus()][:8]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    blocked = BLOCKED.replace(repr(HEAVY), repr(OF_TORCH))
    python(blocked + READING + REPORT, tmp_path, tmp_path / "rows.jsonl")
    texts = [row["text"] for row in rows]
    expected = corpuscope.extract(texts, into=tmp_path / "torch", engine="torch").strengths()
    for name in ("openvino", "numpy", "default"):
        found = corpuscope.open_store(tmp_path / name).strengths()
        one, other = (each.to_csr().toarray() for each in (found, expected))
        # At a threshold rounding decides whether a strength is kept.
        both = (one > 0) & (other > 0)
        assert both.sum() > 0.998 * (other > 0).sum()
        assert abs(one - other)[both].max() < 0.01


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "ROWS", "--into", "x"),
        ("extract", "ROWS", "--into", "x", "--reader", "gpt2"),
        ("extract", "ROWS", "--into", "x", "--engine", "torch"),
        ("evaluate", "builtin", "ROWS"),
        ("check", "builtin", "ROWS"),
    ],
)
def test_what_needs_torch_says_what_to_install(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "One."}\n{"text": "Two."}\n')
    given = [one.replace("ROWS", str(tmp_path / "rows.jsonl")) for one in arguments]
    blocked = BLOCKED.replace(repr(HEAVY), repr(OF_TORCH))
    code = f"""{blocked}
import contextlib, io, json, sys
from corpuscope.cli.main import run
sys.argv = ["corpuscope", *{given!r}]
said = io.StringIO()
try:
    with contextlib.redirect_stderr(said):
        run()
except SystemExit as left:
    print()
    print(json.dumps({{"code": left.code, "said": " ".join(said.getvalue().split())}}))
"""
    found = python(code)
    assert found["code"] == 2, found
    assert "pip install 'corpuscope[read]'" in found["said"]


SOURCES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): ast.parse(
        path.read_text("utf-8")
    )
    for path in sorted(PACKAGE.rglob("*.py"))
}
MOST_FILES, MOST_PARAMETERS = 20, 10


def test_no_folder_is_a_hall() -> None:
    sizes = Counter(name.rpartition(".")[0] for name in SOURCES)
    assert {folder: n for folder, n in sizes.items() if n > MOST_FILES} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {name.removesuffix(".__init__"): tree for name, tree in SOURCES.items()}
    imports = {name: set(imported_by(tree, set(names))) - {name} for name, tree in names.items()}
    # What imports nothing that is left cannot be in a circle; take it away until all is.
    while free := {name for name, targets in imports.items() if not targets & set(imports)}:
        imports = {name: targets for name, targets in imports.items() if name not in free}
    assert imports == {}


def imported_by(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """The modules of the package that a module imports anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in names else node.module


def functions_in(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_functions_have_few_parameters_beside_settings() -> None:
    """Commands have an option for each of theirs; kernels take arrays one by one."""
    met = {}
    for module, tree in SOURCES.items():
        if module.startswith("corpuscope.cli.commands") or module.endswith("_kernel"):
            continue
        for one in functions_in(tree):
            names = [each.arg for each in (*one.args.args, *one.args.kwonlyargs)]
            plain = set(names) - {"self", "cls", "settings", "reading", "file_format"}
            if len(plain) > MOST_PARAMETERS:
                met[f"{module}.{one.name}"] = len(plain)
    assert met == {}


def test_parameters_are_passed_by_name_and_not_in_bulk() -> None:
    met = [
        f"{module}:{node.lineno}"
        for module, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "locals")
            or any(
                word.arg is None
                and isinstance(word.value, ast.Call)
                and isinstance(word.value.func, ast.Name)
                and word.value.func.id == "vars"
                for word in node.keywords
            )
        )
    ]
    assert met == []


def questions() -> set[str]:
    """The packages in `analyses` that answer a question."""
    found = re.compile(r"corpuscope\.analyses\.(\w+)\.analysis").fullmatch
    return {match[1] for match in map(found, SOURCES) if match}


def test_a_question_has_the_files_of_the_pattern() -> None:
    assert len(questions()) >= 6
    for question in questions():
        assert f"corpuscope.analyses.{question}.result" in SOURCES


def test_questions_do_not_import_each_other_and_nothing_shared_imports_one() -> None:
    names = {name.removesuffix(".__init__"): tree for name, tree in SOURCES.items()}
    met = [
        (name, target)
        for name, tree in names.items()
        if name.startswith("corpuscope.analyses.")
        for target in imported_by(tree, set(names))
        if target.startswith("corpuscope.analyses.")
        and (question := target.split(".")[2]) in questions()
        and name.split(".")[2] != question
    ]
    assert met == []

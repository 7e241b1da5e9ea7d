"""Whether every command still says the same as before a change that should change nothing.

`python -m benchmarks.same_answers record FOLDER` before it, `... compare FOLDER [json]` after it
(what is said now is left in FOLDER.now), and `... show FOLDER` reads aloud. Each command runs with
each of its options on the demo, on answers of four models and on speeches of two centuries. What it
prints is kept, `--json` and plain, with its exit code; times are not.
"""

import contextlib
import difflib
import gzip
import io
import json
import math
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import corpuscope as cs
from benchmarks.kinds import DATA
from benchmarks.results import record, table
from corpuscope.cli.main import run
from corpuscope.corpus.texts.sentences import split_sentences

_MODELS = (
    "Mistral-7B-Instruct-v0.2",
    "Mistral-7B-Instruct-v0.3",
    "Meta-Llama-3-8B-Instruct",
    "Qwen1.5-7B-Chat",
)
_PROMPTS, _SENTENCES = 200, 5

_COMMANDS = """
info DEMO
diff DEMO --by version --target v2 --pair question_id
diff DEMO --by version --target v2
diff DEMO --by version --target v2 --no-adjust
diff DEMO --by version --target v2 --no-words --evidence 1
diff DEMO --by version --target v2 --no-features --evidence 0
diff DEMO --by version --target v2 --pair question_id --strata topic
diff DEMO --by version --target v2 --group topic
diff DEMO --by version --target v2 --no-rename --q 0.2 --min-support 5 --max-findings 4
diff DEMO --by version --target v2 --count-copies --seed 3
diff DEMO --by topic --target returns
diff DEMO --by topic --target delivery --reference returns
diff DEMO --by topic --target nothing
diff DEMO
diff ANSWERS --by model --target Qwen1.5-7B-Chat --pair prompt_id
diff ANSWERS --by model --target Qwen1.5-7B-Chat --group prompt_id
diff ANSWERS --by model --target Qwen1.5-7B-Chat --reference Mistral-7B-Instruct-v0.2
diff ANSWERS --by model --target Qwen1.5-7B-Chat --strata prompt_source --no-adjust
diff ANSWERS --by family --target Mistral --pair prompt_id --min-support 20
diff ANSWERS --by prompt_source --target koala --no-words
diff SPEECHES --by century --target 20th --reference 19th --group president
diff SPEECHES --by century --target 20th
diff SPEECHES ANSWERS
trend DEMO --by version --order v1 --order v2
trend SPEECHES --by year
trend SPEECHES --by year --group president --max-groups 4
trend SPEECHES --by year --max-groups 5 --no-adjust --evidence 1
trend SPEECHES --by year --max-groups 4 --no-words --min-support 20 --q 0.2
trend SPEECHES --by year --max-groups 4 --no-features --no-rename --max-findings 5
trend SPEECHES --by year --strata century --seed 2 --count-copies
trend SPEECHES --by year --every quarter
trend ANSWERS --by model --order Mistral-7B-Instruct-v0.2 --order Mistral-7B-Instruct-v0.3 \
--order Qwen1.5-7B-Chat --pair prompt_id
trend ANSWERS --by model
trend SPEECHES ANSWERS DEMO
correlate DEMO
correlate DEMO --by version --strata topic
correlate DEMO --one-per question_id --words
correlate ANSWERS
correlate ANSWERS --group prompt_id --within model
correlate ANSWERS --words --no-features --min-npmi 0.5 --max-findings 8
correlate ANSWERS --no-parts --min-support 5 --q 0.2 --no-rename --seed 1
correlate ANSWERS --by model --one-per prompt_id --unexpected-below 0.3 --evidence 1
correlate SPEECHES --group president
correlate ANSWERS --also DEMO
correlate DEMO DEMO
cluster DEMO
cluster DEMO --n-clusters 4 --along tone
cluster DEMO --along apology --along thanks --group question_id
cluster ANSWERS --n-clusters 5
cluster ANSWERS --along format --evidence 1 --min-support 10
cluster ANSWERS --along "short answer" --along "long answer" --n-features 50 --no-words
cluster ANSWERS --feature 17 --feature 40 --n-clusters 2 --no-rename --seed 4
cluster SPEECHES --without 3 --n-clusters 3
cluster SPEECHES DEMO --n-clusters 2
search DEMO "an apology for a late parcel"
search DEMO --like q001/v1 --unlike q002/v2 -n 5
search ANSWERS "a list of steps" --using features
search ANSWERS "a list of steps" --using dense --using words --seed 1
search ANSWERS "poetry" --n-features 10 --temperature 0.1 --no-rename
search SPEECHES "war and peace" --also DEMO
search SPEECHES --weight 12=1 --weight 40=-0.5
search SPEECHES
audit DEMO --label version
audit DEMO --label topic --group question_id
audit DEMO --label version --check shortcuts --no-rename --evidence 1
audit ANSWERS --label model
audit ANSWERS --label family --group prompt_id --count-copies --max-lines 5
audit ANSWERS --label model --split family --check leaks --check duplicates --check templates
audit SPEECHES --label century --group president --q 0.2 --folds 3 --min-support 5
audit SPEECHES --label century --check suspect_labels --check oddities --check small_groups \
--seed 2
audit SPEECHES DEMO
probe DEMO --label version --target v2
probe DEMO --label version --target v2 --group question_id --test 0.4 --folds 3
probe DEMO --label version --probe "sae sentence max k=8" --probe "words lr" --seed 2
probe DEMO --label version --without 3 --unseen ANSWERS=v1 --no-rename
probe SPEECHES --label year --probe "length"
probe ANSWERS --label family --group prompt_id --evidence 1
extract FILE --into NEW/again.scope --text answer --metadata version --shard-documents 100
extract FILE --into NEW/roles.scope --prompt question --response answer --role assistant --id none
extract FILE --into NEW/wrong.scope --text body
evaluate builtin FILE --text answer --max-units 4000
evaluate builtin FILE --prompt question --response answer --role user --max-units 4000
train FILE --text answer --into NEW/token --features 256 --k 8 --units 20000 --batch-size 512
train FILE --text answer --into NEW/sentence --unit sentence --layer 3 --features 64 \
--objective jump-relu --coefficient 0.01 --units 4000 --batch-size 256 --control --seed 1
train FILE --text answer --into NEW/none --objective none
label NEW/token/learned/dictionary FILE --text answer
evaluate NEW/token/learned/dictionary FILE --text answer --beside NEW/token/learned/dictionary \
--max-units 4000
finetune NEW/token/learned/dictionary FILE --text question --into NEW/tuned --units 8000 \
--batch-size 512 --renewed 0.1 --from-scratch
finetune NEW/token/learned/dictionary FILE --text question --into NEW/mixed --units 8000 \
--batch-size 512 --also FILE --also-share 0.5
sweep FILE --text answer --into NEW/grid --arm batch-top-k:4,8 --arm relu:0.01 --features 64 \
--seeds 2 --units 8000 --batch-size 512 --control --named-documents 40
sweep FILE --text answer --into NEW/grid --arm batch-top-k
extract FILE --into NEW/own.scope --text answer --dictionary NEW/token/learned/dictionary
info NEW/own.scope
diff NEW/own.scope --by version --target v2
cluster NEW/own.scope --n-clusters 3
"""
_TIMES = re.compile(r'"(?:seconds|minutes|[a-z_]*per_second)": [0-9.e+-]+|\d+(?:\.\d+)? s\b')

_VERSION = re.compile(r'"(?:version|corpuscope)": "[\d.]+"')


def main() -> None:
    """Record what is said now, or hold it against what was recorded."""
    match sys.argv[1:]:
        case ["record", folder]:
            _said_by_all(Path(folder))
        case ["compare", folder, *kinds]:
            _said_by_all(_now(Path(folder)), kinds or ["json", "txt"])
            _count(Path(folder), kinds or ["json", "txt"])
        case ["count", folder, *kinds]:
            _count(Path(folder), kinds or ["json", "txt"])
        case ["show", folder, *which]:
            _show(Path(folder), *map(int, which))
        case _:
            raise SystemExit(__doc__)


def _said_by_all(folder: Path, kinds: Sequence[str] = ("json", "txt")) -> None:
    """Run all commands; leave in `folder` a file for each way each prints."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["COLUMNS"] = "100"
    with _stores() as places:
        for number, command in enumerate(_COMMANDS.strip().splitlines()):
            for kind in kinds:
                said = _said(_words(command, places, kind), places)
                (folder / f"{number:03}.{kind}").write_text(said, encoding="utf-8")


@contextlib.contextmanager
def _stores() -> Iterator[dict[str, str]]:
    """Stores and files by the names they have in commands, in a folder that goes with them."""
    folder = Path(tempfile.mkdtemp())
    try:
        demo = cs.demo_corpus()
        places = {"FILE": str(Path(demo.parts[0].name).absolute()), "NEW": str(folder)}
        for name, corpus in (
            ("DEMO", demo),
            ("ANSWERS", _corpus(folder / "answers.jsonl", _answers())),
            ("SPEECHES", _corpus(folder / "speeches.jsonl", _speeches())),
        ):
            places[name] = str(cs.extract(corpus, into=folder / f"{name.lower()}.scope").path)
        yield places
    finally:
        shutil.rmtree(folder)


def _corpus(path: Path, rows: Iterator[dict[str, Any]]) -> cs.Corpus:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return cs.read_corpus(path)


def _answers() -> Iterator[dict[str, Any]]:
    """Answers of four models to the same prompts."""
    counted = dict.fromkeys(_MODELS, 0)
    with gzip.open(DATA / "alpaca_eval" / "responses.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if counted.get(row["model"], _PROMPTS) < _PROMPTS:
                counted[row["model"]] += 1
                yield {
                    **{name: row[name] for name in ("id", "model", "prompt_id", "prompt_source")},
                    "family": row["model"].split("-")[0],
                    "text": row["response"][:1500],
                }


def _speeches() -> Iterator[dict[str, Any]]:
    """Stretches of inaugural addresses."""
    with gzip.open(DATA / "nltk_reviews" / "inaugural.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            spans = split_sentences(row["text"])
            for at in range(0, len(spans) - _SENTENCES, _SENTENCES):
                yield {
                    "id": f"{row['id']}/{at}",
                    "text": row["text"][spans[at][0] : spans[at + _SENTENCES - 1][1]],
                    "year": row["year"],
                    "president": row["president"],
                    "century": f"{row['year'] // 100 + 1}th",
                }


def _words(command: str, places: dict[str, str], kind: str) -> list[str]:
    """The command as a shell would give it; training again would find its run done."""
    words = []
    for word in shlex.split(command):
        if kind == "txt" and word.startswith("NEW/"):
            word = word.replace("NEW", "NEW/plain", 1)
        for name, place in places.items():
            word = re.sub(rf"\b{name}\b", place, word)
        words.append(word)
    return [*words, "--json"] if kind == "json" else words


def _said(words: list[str], places: dict[str, str]) -> str:
    """What a command prints, its errors and its exit code, without places and times."""
    Path(places["NEW"], "plain").mkdir(exist_ok=True)
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["corpuscope", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run()
        code: object = 0
    except SystemExit as left:
        code = left.code or 0
    finally:
        sys.argv = before
    said = f"code {code}\n{out.getvalue()}"
    if code:
        said += err.getvalue()[err.getvalue().find("corpuscope: ") :]
    for name, place in sorted(places.items(), key=lambda one: -len(one[1])):
        said = said.replace(place, name)
    return _TIMES.sub("", said)


def _now(folder: Path) -> Path:
    """Where what is said now is left."""
    return folder.with_name(f"{folder.name}.now")


def _count(folder: Path, kinds: Sequence[str]) -> None:
    """Count commands that say something else, show where, and record it."""
    body = []
    for kind in kinds:
        pairs = [(path, _now(folder) / path.name) for path in sorted(folder.glob(f"*.{kind}"))]
        counts = dict.fromkeys(_CLASSES, 0)
        for pair in pairs:
            counts[_class_of(*pair)] += 1
            if _class_of(*pair) == _CLASSES[-1]:
                print("\n".join(_differences(*pair)))
        what = "`--json`" if kind == "json" else "tables and errors"
        body.append((what, len(pairs), *counts.values()))
    record("The same answers before and after", table(("what", "commands", *_CLASSES), body))


_CLASSES = (
    "the same bytes", "the same to 12 digits, or more keys", "the same in other words",
    "the same refusal in other words", "other",
)  # fmt: skip

# Keys of JSON whose values are sentences of ours.
_SENTENCES = ("warnings", "reason", "next_step", "nature")
# Words of ours inside names, before and after; all else in a name or a label must be the same.
_REWORDED = (
    ("sentences of a kind: ", "sentence cluster: "),
    (", which nothing sets apart", " (no distinguishing features)"),
    (" struck out)", " excluded)"),
)


def _class_of(one: Path, other: Path) -> str:
    if _same(one, other):
        return _CLASSES[0]
    if _is_refusal(one, other):
        return _CLASSES[3]
    if _says_as_much(one, other):
        return _CLASSES[1]
    return _CLASSES[2] if _says_as_much(one, other, but_for=_SENTENCES) else _CLASSES[4]


def _is_refusal(one: Path, other: Path) -> bool:
    """Whether both end with the same error code, and no JSON."""
    before, after = (path.read_text(encoding="utf-8").split("\n", 1) for path in (one, other))
    return before[0] == after[0] != "code 0" and not after[1].startswith("{")


def _same(one: Path, other: Path) -> bool:
    before, after = (_VERSION.sub("", path.read_text(encoding="utf-8")) for path in (one, other))
    return before == after


def _says_as_much(one: Path, other: Path, *, but_for: Sequence[str] = ()) -> bool:
    """Whether all that the one JSON says, the other says too; floats to the twelfth digit.

    Strings below keys in `but_for` may differ.
    """
    (code, before), (now, after) = (
        path.read_text(encoding="utf-8").split("\n", 1) for path in (one, other)
    )
    if code != now or not before.startswith("{"):
        return False
    return _is_within(_parsed(before), _parsed(after), but_for)


def _parsed(text: str) -> Any:
    """The JSON, where cutting out times has left half of an escape as well."""
    return json.loads(re.sub(r"\\u(?![0-9a-fA-F]{4})", "?", text))


def _is_within(before: Any, after: Any, but_for: Sequence[str], key: str = "") -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        known = {name: value for name, value in before.items() if name != "version"}
        return all(
            name in after and _is_within(value, after[name], but_for, name)
            for name, value in known.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(
            _is_within(one, other, but_for, key) for one, other in zip(before, after, strict=True)
        )
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-12, abs_tol=1e-12)
    if but_for and isinstance(before, str) and isinstance(after, str):
        for old, new in _REWORDED:
            before = before.replace(old, new)
        return before == after or key in but_for
    return bool(before == after)


def _differences(one: Path, other: Path) -> list[str]:
    command = _COMMANDS.strip().splitlines()[int(one.stem)]
    lines = difflib.unified_diff(
        one.read_text().splitlines(), other.read_text().splitlines(), lineterm="", n=0
    )
    return [f"=== {one.name}: {command}", *[line[:300] for line in lines][2:40]]


def _show(folder: Path, *which: int) -> None:
    for number, command in enumerate(_COMMANDS.strip().splitlines()):
        if number in which or not which:
            print(f"$ corpuscope {command}\n{(folder / f'{number:03}.txt').read_text()}")


if __name__ == "__main__":
    main()

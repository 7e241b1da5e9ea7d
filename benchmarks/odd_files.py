"""Odd files, read by command line and Python: `python -m benchmarks.odd_files`.

Files as programs and people make them: tables, chats, encodings, compressions, folders, ids, and
what is no text. For each it is written down here which texts should come, or which next step
should be told. Each is read by `read_corpus` and by `corpuscope extract`; rows, documents and what
was left out must add up, and nothing may end in a traceback. Files lie in a folder of their own.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from typer.testing import CliRunner

import corpuscope as cs
from benchmarks.results import CACHE, record, table
from corpuscope.cli.main import app
from corpuscope.errors import CorpuscopeError

TEXTS = ["Déjà vu, encore; « oui ».", 'She said "no", then left.', "Zwei\nZeilen", "你好，世界。",
         "It rained all day."]  # fmt: skip
ROWS = [{"key": f"k{i}", "text": text, "side": "ab"[i % 2]} for i, text in enumerate(TEXTS)]
PLAIN = [{"text": f"Déjà vu number {i}."} for i in range(40)]
ASKED = "Why?\n\nSo."
CHAT = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]


class Case(NamedTuple):
    """A file or a folder, how it is read, and what should come of it."""

    kind: str
    name: str
    write: Callable[[Path], object]
    texts: list[str] | None
    told: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    skipped: int = 0


def lines(rows: list[Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def cells(sign: str, rows: list[dict[str, str]] = ROWS, **how: Any) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=sign, **how)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def zipped(data: bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, data)
    return file.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "zst": lambda data: bytes(pa.Codec("zstd").compress(data, asbytes=True)),
    "zip": lambda data: zipped(data, "rows.jsonl"),
}  # fmt: skip


def of(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def tables() -> Iterator[Case]:
    for name, sign in (("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|")):
        for ending in ("csv", "tsv"):
            yield Case("table", f"{name}.{ending}", of(cells(sign)), TEXTS)
    yield Case("table", "sep line.csv", of(b"sep=;\r\n" + cells(";")), TEXTS)
    yield Case("table", "tilde.csv", of(cells("~")), TEXTS, options=(("delimiter", "~"),))
    yield Case("table", "all quoted.csv", of(cells(",", quoting=csv.QUOTE_ALL)), TEXTS)
    yield Case("table", "index.csv", lambda path: pd.DataFrame(ROWS).to_csv(path), TEXTS)
    yield Case("table", "trailing.csv", of(b"text,side,\none,a,\ntwo,b,\n"), ["one", "two"])
    yield Case("table", "old mac.csv", of(b"text,side\rone,a\rtwo,b\r"), ["one", "two"])
    yield Case("table", "escapes.csv", of(b'text,side\n"Say \\"hi, you\\"",a\n"two",b\n'),
               ['Say "hi, you"', "two"])  # fmt: skip
    yield Case("table", "odd quote.csv", of(b'text,side\n"one, a",a\n"two" more,b\n'),
               ["one, a", '"two" more'])  # fmt: skip
    yield Case("table", "no quoting.tsv", of(b'text\tside\n"one\ta\ntwo"\tb\n'), ['"one', 'two"'])
    yield Case("table", "R.csv", of(b"text,side\n1,one,a\n2,two,b\n"), ["one", "two"])
    yield Case("table", "blank lines.csv", of(b"text,side\n\none,a\n\n\ntwo,b\n\n"), ["one", "two"])
    yield Case("table", "ragged.csv", of(b"text,side\n" + b"one,a\n" * 19 + b"a,b,c\n"),
               ["one"] * 19, skipped=1)  # fmt: skip
    yield Case("table", "numbers.csv", of(b"text,side\n7,a\n8.5,b\n"), ["7", "8.5"])
    yield Case("table", "twice.csv", of(b"text,text\na,b\n"), None, "rename the columns")
    yield Case("table", "header.csv", of(b"text,side\n"), None, "right source")
    yield Case("table", "empty.csv", of(b""), None, "right source")
    yield Case("table", "other column.csv", of(b"body,side\na,b\n"), None, "name the column")
    yield Case("table", "named column.csv", of(b"body,side\na,b\n"), ["a"],
               options=(("text", "body"),))  # fmt: skip


def json_files() -> Iterator[Case]:
    for name, value in {
        "array": ROWS, "data": {"version": 1, "data": ROWS},
        "columns": {"text": TEXTS, "n": [1, 2, 3, 4, 5]},
        "pandas": {"text": {str(i): text for i, text in enumerate(TEXTS)}},
        "index": {f"d{i}": {"text": text} for i, text in enumerate(TEXTS)},
        "split": {"columns": ["text"], "index": [0, 1, 2, 3, 4], "data": [[t] for t in TEXTS]},
        "strings": TEXTS,
    }.items():  # fmt: skip
        for indent in (None, 2):
            data = json.dumps(value, indent=indent).encode()
            yield Case("json", f"{name} {indent}.json", of(data), TEXTS)
    yield Case("json", "array.jsonl", of(json.dumps(ROWS).encode()), TEXTS)
    pretty = "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()
    yield Case("json", "pretty.jsonl", of(pretty), TEXTS)
    yield Case("json", "commas.jsonl", of(lines(ROWS).replace(b"}\n", b"},\n")), TEXTS)
    yield Case("json", "cut.jsonl", of(lines(PLAIN) + b'{"text": "cu'),
               [row["text"] for row in PLAIN], skipped=1)  # fmt: skip
    yield Case(
        "json", "twice.jsonl", of(b'{"text": "a", "text": "b"}\n'), None, "correct or remove"
    )
    yield Case("json", "no json.jsonl", of(b"hello\nworld\n"), None, "correct or remove")
    yield Case("json", "numbers.jsonl", of(lines([{"text": 7}, {"text": "a"}])), ["7", "a"])
    yield Case("json", "lists.jsonl", of(lines([{"text": ["a"]}] * 3)), None, "name another column")
    yield Case("json", "null text.jsonl", of(lines([{"text": None}, {"text": "a"}])), ["a"],
               skipped=1)  # fmt: skip


def arrow_files() -> Iterator[Case]:
    made = pa.Table.from_pylist(ROWS)
    yield Case("arrow", "a.parquet", lambda path: pq.write_table(made, path), TEXTS)
    yield Case("arrow", "groups.parquet",
               lambda path: pq.write_table(made, path, row_group_size=2), TEXTS)  # fmt: skip
    yield Case("arrow", "a.feather", lambda path: feather.write_feather(made, path), TEXTS)
    coded = made.set_column(1, "text", made["text"].dictionary_encode())
    yield Case("arrow", "coded.parquet", lambda path: pq.write_table(coded, path), TEXTS)
    double = pa.table([["a"], ["b"]], names=["text", "text"])
    yield Case("arrow", "twice.parquet", lambda path: pq.write_table(double, path), None, "rename")
    yield Case("arrow", "not.parquet", of(b"PAR1 no"), None, "again")
    chats = pa.table({"messages": [CHAT, CHAT]})
    yield Case("arrow", "chats.parquet", lambda path: pq.write_table(chats, path), [ASKED] * 2)
    images = pa.table({"text": TEXTS, "image": [b"\x89PNG"] * 5})
    yield Case("arrow", "images.parquet", lambda path: pq.write_table(images, path), TEXTS)


def packed_files() -> Iterator[Case]:
    for kind, pack in PACK.items():
        yield Case("packed", f"a.jsonl.{kind}", of(pack(lines(ROWS))), TEXTS)
        yield Case("packed", f"misnamed {kind}.jsonl", of(pack(lines(ROWS))), TEXTS)
        yield Case("packed", f"cut {kind}.jsonl", of(pack(lines(ROWS * 40))[:-60]), None,
                   "compress the file again")  # fmt: skip
    yield Case("packed", "table.zip", of(zipped(cells(","), "a.csv")), TEXTS)
    yield Case("packed", "two.zip", of(zipped(b"x", "a.csv", "b.csv")), None, "extract it")
    yield Case("packed", "sheet.csv", of(zipped(b"x", "xl/workbook.xml")), None, "sheet as CSV")
    yield Case("packed", "base.csv", of(b"SQLite format 3\x00"), None, "CSV file")
    yield Case("packed", "pointer.jsonl", of(b"version https://git-lfs.github.com/spec/v1\n"), None,
               "git lfs pull")  # fmt: skip


def encoded_files() -> Iterator[Case]:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        for name, data in (("jsonl", lines(ROWS)), ("csv", cells(","))):
            yield Case("encoding", f"{encoding}.{name}", of(data.decode().encode(encoding)), TEXTS)
    said = {
        "gb18030": "你好，世界。",
        "shift_jis": "こんにちは、世界。",
        "big5": "你好，世界。",
        "euc_kr": "안녕하세요, 세계.",
        "cp1252": "Déjà vu à l’hôtel.",
        "cp1251": "Доброе утро.",
    }
    for encoding, text in said.items():
        data = lines([{"text": text}] * 6).decode().encode(encoding)
        yield Case("encoding", f"{encoding} unnamed.jsonl", of(data), None, "--encoding")
        yield Case("encoding", f"{encoding} named.jsonl", of(data), [text] * 6,
                   options=(("encoding", encoding),))  # fmt: skip
    odd = lines(PLAIN) + b'{"text": "caf\xe9"}\n'
    yield Case("encoding", "one odd byte.jsonl", of(odd), [row["text"] for row in PLAIN], skipped=1)


def chats() -> Iterator[Case]:
    call = {"function": {"name": "look", "arguments": "{}"}}
    forms: dict[str, tuple[Any, str]] = {
        "OpenAI": (CHAT, ASKED),
        "parts": ([{"role": "user", "content": [{"type": "text", "text": "Why?"}]}, CHAT[1]],
                  ASKED),
        "ShareGPT": ([{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}], ASKED),
        "Gemini": ([{"role": "user", "parts": [{"text": "Why?"}]},
                    {"role": "model", "parts": [{"text": "So."}]}], ASKED),
        "refusal": ([CHAT[0], {"role": "assistant", "content": None, "refusal": "So."}], ASKED),
        "reasoning": ([CHAT[0], {"role": "assistant", "content": "So.",
                                 "reasoning_content": "Hm."}], "Why?\n\nHm.\n\nSo."),
        "tools": ([CHAT[0], {"role": "assistant", "content": None, "tool_calls": [call]}, CHAT[1]],
                  "Why?\n\nlook {}\n\nSo."),
        "thinking": ([CHAT[0], {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "So."}]}],
            "Why?\n\nHm.\n\nSo."),
        "image": ([{"role": "user", "content": [{"type": "image_url"}, {"type": "text",
                    "text": "Why?"}]}, CHAT[1]], ASKED),
        "no content": ([CHAT[0], {"role": "assistant"}, CHAT[1]], ASKED),
        "string": (json.dumps(CHAT), ASKED),
        "python": (str(CHAT), ASKED),
        "columns": ({"role": ["user", "assistant"], "content": ["Why?", "So."]}, ASKED),
    }  # fmt: skip
    for name, (value, text) in forms.items():
        yield Case("chat", f"{name}.jsonl", of(lines([{"messages": value}] * 3)), [text] * 3)
    yield Case("chat", "conversations.jsonl", of(lines([{"conversations": CHAT}])), [ASKED])
    good = [{"messages": CHAT}] * 19
    yield Case(
        "chat", "one odd.jsonl", of(lines([*good, {"messages": 7}])), [ASKED] * 19, skipped=1
    )
    yield Case("chat", "all odd.jsonl", of(lines([{"messages": 7}] * 3)), None, "correct that row")
    pair = {"prompt": "Why?", "chosen": "So.", "rejected": "No."}
    yield Case("chat", "preferences.jsonl", of(lines([pair])), [ASKED, "Why?\n\nNo."])
    text = "Human: Why?\n\nAssistant: So."
    yield Case("chat", "dialogues.jsonl", of(lines([{"text": text}])), [text],
               options=(("dialogue", True),))  # fmt: skip
    wide = [{"question": "Why?", "old": "So.", "new": "No."}]
    yield Case("chat", "wide.jsonl", of(lines(wide)), [ASKED, "Why?\n\nNo."],
               options=(("answers", ["old", "new"]), ("prompt", "question")))  # fmt: skip


def ids_and_folders() -> Iterator[Case]:
    odd_ids: dict[str, list[Any]] = {
        "floats": [0.0, 1.0], "twice": ["a", "a"], "gaps": [1, None], "truths": [True, False],
    }  # fmt: skip
    for name, ids in odd_ids.items():
        rows = [{"id": id, "text": "one"} for id in ids]
        yield Case("ids", f"{name}.jsonl", of(lines(rows)), ["one"] * 2)
    rows = [{"key": "a", "text": "one"}] * 2
    yield Case("ids", "chosen.jsonl", of(lines(rows)), None, "--id none", (("id", "key"),))
    yield Case("ids", "none.jsonl", of(lines(rows)), ["one"] * 2, options=(("id", "none"),))

    def folder(**files: bytes) -> Callable[[Path], object]:
        def write(path: Path) -> None:
            for name, data in files.items():
                place = path / name.replace("__", "/").replace("_DOT_", ".")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)

        return write

    one, two = lines([{"text": "one"}]), lines([{"text": "two"}])
    yield Case("folder", "lines", folder(a_DOT_jsonl=one, b_DOT_jsonl=two), ["one", "two"])
    yield Case("folder", "packed", folder(a_DOT_jsonl_DOT_gz=gzip.compress(one)), ["one"])
    yield Case("folder", "years", folder(
        **{"year=1__p_DOT_jsonl": one, "year=2__p_DOT_jsonl": two}), ["one", "two"])  # fmt: skip
    yield Case("folder", "texts", folder(a_DOT_txt=b"one", deep__b_DOT_txt=b"two"), ["one", "two"])
    yield Case("folder", "mixed", folder(a_DOT_txt=b"one", b_DOT_jsonl=one), None, "pattern")
    yield Case("folder", "nothing", folder(a_DOT_docx=b"one"), None, "name the files")
    yield Case("folder", "spark", folder(_SUCCESS=b"", part_DOT_jsonl=one), ["one"])
    yield Case("folder", "lines.txt", of(b"one\n\ntwo\n"), ["one", "two"])
    yield Case("folder", "missing.jsonl", lambda path: None, None, "check the path")


def cases() -> list[Case]:
    """All of them."""
    kinds = (tables, json_files, arrow_files, packed_files, encoded_files, chats, ids_and_folders)
    return [case for kind in kinds for case in kind()]


def by_python(case: Case, path: Path) -> str:
    """What is wrong with the reading; empty where nothing is."""
    options: dict[str, Any] = dict(case.options)
    written = {name: options.pop(name, None) for name in ("encoding", "delimiter")}
    try:
        corpus = cs.read_corpus(path, file_format=cs.FileFormat(**written), **options)
        texts, survey = [document.text for document in corpus], corpus.survey
    except CorpuscopeError as error:
        if case.texts is None and case.told in f"{error.next_step} {error.expected}":
            return ""
        return f"refused: {error}"
    except Exception as error:
        return f"traceback: {error!r}"
    if case.texts is None:
        return f"read {len(texts)} texts, and should be refused"
    if texts != case.texts:
        return f"{texts[:3]} instead of {case.texts[:3]}"
    n_skipped = sum(survey.skipped.values())
    if survey.n_rows != len(texts) + n_skipped or n_skipped != case.skipped:
        return f"{survey.n_rows} rows, {len(texts)} documents, {survey.skipped}"
    return ""


def by_command(case: Case, path: Path, into: Path) -> str:
    """The same for the command line."""
    shutil.rmtree(into, ignore_errors=True)
    options: list[str] = []
    for name, value in case.options:
        for one in value if isinstance(value, list) else [value]:
            options += [f"--{name}"] + ([] if one is True else [str(one)])
    found = CliRunner().invoke(app, ["extract", str(path), "--into", str(into), *options])
    if case.texts is None:
        is_told = isinstance(found.exception, CorpuscopeError)
        return "" if is_told else f"exit {found.exit_code}, {found.exception!r}"
    if found.exit_code:
        return f"exit {found.exit_code}, {found.exception!r}"
    store = cs.open_store(into)
    texts = [text for batch in store.text_batches() for text in batch]
    if texts != case.texts:
        return f"{texts[:3]} instead of {case.texts[:3]}"
    n_skipped = sum(store.skipped_counts.values())
    return "" if n_skipped == case.skipped else f"{store.skipped_counts}"


def main() -> None:
    """Record how many are read right, by kind."""
    home = CACHE / "odd-files"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    n, wrong = Counter[str](), Counter[tuple[str, str]]()
    for case in cases():
        path = home / case.name
        case.write(path)
        n[case.kind] += 1
        for way, fault in (("Python", by_python(case, path)),
                           ("command", by_command(case, path, home / "x.scope"))):  # fmt: skip
            if fault:
                wrong[case.kind, way] += 1
                print(f"{case.kind}, {case.name}, {way}: {fault}", flush=True)
    body = [
        [kind, count, count - wrong[kind, "Python"], count - wrong[kind, "command"]]
        for kind, count in n.items()
    ]
    right = [
        n.total() - sum(count for (_, one), count in wrong.items() if one == way)
        for way in ("Python", "command")
    ]
    body.append(["all", n.total(), *right])
    record("Odd files", table(["kind", "files", "right by Python", "by command line"], body))


if __name__ == "__main__":
    main()

"""Small inputs of the kinds that public bug reports describe, beside the project."""

from pathlib import Path
from typing import Any

import pytest

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import FileFormat, read_corpus
from corpuscope.errors import InputError

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside the project"),
]


def read(name: str, **how: Any) -> Corpus:
    return read_corpus(CASES / name, **how)


@pytest.mark.parametrize(
    ("name", "n", "said"),
    [
        ("excel_utf16.csv", 60, "a tab"),
        ("semicolon.csv", 60, "a semicolon"),
        ("pipe.csv", 60, "a vertical bar"),
        ("sep_line.csv", 60, "a semicolon"),
        ("id_float.jsonl", 40, ""),
        ("id_dup.jsonl", 40, "repeats a value in 1 of 40 rows"),
        ("id_is_prompt.jsonl", 120, "--pair id"),
        ("text_one_int.jsonl", 40, ""),
        ("refusal.jsonl", 16, ""),
        ("reasoning_content.jsonl", 16, ""),
        ("no_content_key.jsonl", 16, ""),
        ("image_part.jsonl", 16, "image (1)"),
        ("sharegpt.jsonl", 16, ""),
        ("small_misnamed.jsonl", 30, ""),
        ("boilerplate.jsonl", 160, ""),
        ("zh.jsonl", 100, "Chinese (100%)"),
        ("de.jsonl", 100, "German (100%)"),
    ],
)
def test_each_is_read_with_what_its_user_should_know(name: str, n: int, said: str) -> None:
    corpus = read(name)
    assert len(list(corpus)) == n
    assert corpus.survey.n_rows == n
    assert said in " ".join(corpus.survey.notes)


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("refusal.jsonl", ("assistant", "user")),
        ("reasoning_content.jsonl", ("assistant", "reasoning", "user")),
        ("no_content_key.jsonl", ("assistant", "tool", "tool_call", "user")),
        ("sharegpt.jsonl", ("assistant", "user")),
    ],
)
def test_nothing_that_is_said_is_lost(name: str, roles: tuple[str, ...]) -> None:
    assert read(name).survey.roles == roles


def test_another_encoding_is_asked_for_and_read() -> None:
    with pytest.raises(InputError, match=r"as gb18030 it reads '.*你好，世界。'"):
        list(read("gbk.csv"))
    assert any(
        "你好" in document.text
        for document in read("gbk.csv", file_format=FileFormat(encoding="gb18030"))
    )


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="more than one column named 'text'"):
        read("dupcol.parquet")

"""The built-in reader's numbers do not depend on the machine's load."""

from pathlib import Path

import pyarrow as pa
import pytest

from corpuscope.corpus.read import read_corpus
from corpuscope.extraction.extract import extract
from corpuscope.reader.language_model import load_reader
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.sae.dictionary import Dictionary, Part
from tests.extraction.test_extract import rows
from tests.sae.worlds import random_sae
from tests.store.worlds import files_of


@pytest.mark.slow
def test_the_built_in_reader_makes_the_same_bytes_with_one_thread_and_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (Part("token", (4,), random_sae(512, 384)), Part("sentence", (6,), random_sae(64, 384)))
    kinds = ["token"] * 512 + ["sentence"] * 64
    features = pa.table(
        {"feature": range(576), "kind": kinds, "threshold": pa.array([1.0] * 576, pa.float32())}
    )
    dictionary = Dictionary(
        BUILTIN_READER, "local", "sentence", 128, {"outlier_norm": 10.0}, parts, features
    )
    reader = load_reader()
    for n_threads in (1, 2):
        monkeypatch.setattr("corpuscope.reader.threads.free_cores", lambda n=n_threads: n)
        corpus = read_corpus(rows(60))
        extract(corpus, into=tmp_path / str(n_threads), dictionary=dictionary, reader=reader)
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")

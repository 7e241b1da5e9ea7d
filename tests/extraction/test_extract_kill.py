"""An extraction is killed at random instants, again and again."""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
import torch

from corpuscope.corpus.read import read_corpus
from corpuscope.extraction.extract import extract
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.store.manifest import manifest_path
from corpuscope.store.store import open_store
from tests.extraction.test_extract import rows
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import random_dictionary
from tests.store.worlds import files_of

N_KILLS = 6
N_DOCUMENTS = 160


def extraction(path: Path, ready: Connection) -> None:
    """Go on with the store where it is."""
    torch.set_num_threads(1)
    # As if the tiny reader were the built-in one, of whose last layer vectors are made.
    dictionary = random_dictionary(reader=BUILTIN_READER)
    corpus, reader = read_corpus(rows(N_DOCUMENTS)), tiny_bert()
    reader.is_local = True
    ready.send(None)
    extract(corpus, into=path, dictionary=dictionary, reader=reader, shard_documents=4)


@pytest.fixture(scope="module")
def start() -> Callable[[Path], ForkServerProcess]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.extraction.test_extract_kill"])

    def start(path: Path) -> ForkServerProcess:
        here, there = context.Pipe()
        process = context.Process(target=extraction, args=(path, there))
        process.start()
        here.recv()
        return process

    return start


def n_committed(path: Path) -> int:
    """How many documents the store has, whoever is writing it."""
    return open_store(path).n_documents if manifest_path(path).exists() else 0


@pytest.mark.slow
def test_an_extraction_killed_at_any_instant_ends_with_the_bytes_of_one_that_was_not(
    tmp_path: Path, start: Callable[[Path], ForkServerProcess]
) -> None:
    rng, killed, n_before = random.Random(0), tmp_path / "killed", 0
    for _ in range(N_KILLS):
        process = start(killed)
        # Some at the start, the others at any instant of a shard further on.
        wanted = n_before + rng.choice([0, 4, 8, 12])
        while n_committed(killed) < wanted and process.is_alive():
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.03))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert n_committed(killed) >= max(wanted, n_before), "a committed shard was lost"
        n_before = n_committed(killed)
    assert 0 < n_before < N_DOCUMENTS
    for path in (killed, tmp_path / "whole"):
        process = start(path)
        process.join()
        assert process.exitcode == 0
    assert files_of(killed) == files_of(tmp_path / "whole")
    assert open_store(killed).is_complete
    assert open_store(killed).vector_width == 16

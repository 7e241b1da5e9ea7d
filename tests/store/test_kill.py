"""A process that writes a store is killed at random instants, again and again."""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import numpy as np
import pytest

from corpuscope.store.manifest import manifest_path
from corpuscope.store.store import open_store
from corpuscope.store.writer import StoreWriter
from tests.store.worlds import (
    PROVENANCE,
    dense,
    feature_table,
    files_of,
    in_shards,
    random_records,
    write,
)

N_KILLS = 20
N_SHARDS = 40


def extraction(path: Path, ready: Connection) -> None:
    """Write all shards that are not there yet."""
    shards = list(in_shards(random_records(N_SHARDS * 5), 5))
    ready.send(None)
    with StoreWriter(path, provenance=PROVENANCE, features=feature_table(40)) as writer:
        for shard, part in shards:
            if writer.committed(shard) is None:
                writer.add(shard, part, source_digest=f"source {shard}")
        writer.finish(n_shards=N_SHARDS)


@pytest.fixture(scope="module")
def start() -> Callable[[Path], ForkServerProcess]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_kill"])

    def start(path: Path) -> ForkServerProcess:
        here, there = context.Pipe()
        process = context.Process(target=extraction, args=(path, there))
        process.start()
        here.recv()
        return process

    return start


@pytest.mark.slow
def test_a_run_killed_at_any_instant_ends_with_the_bytes_of_one_that_was_not(
    tmp_path: Path, start: Callable[[Path], ForkServerProcess]
) -> None:
    records = random_records(N_SHARDS * 5)
    before = time.perf_counter()
    write(tmp_path / "whole", records, size=5)
    duration = time.perf_counter() - before
    rng = random.Random(0)
    killed, n_interrupted, n_documents = tmp_path / "killed", 0, 0
    for _ in range(N_KILLS):
        process = start(killed)
        time.sleep(rng.uniform(0, duration / 10))
        process.kill()
        process.join()
        n_interrupted += process.exitcode == -signal.SIGKILL
        if manifest_path(killed).exists():
            store = open_store(killed)
            store.verify()
            assert store.n_documents >= n_documents, "a committed shard was lost"
            n_documents = store.n_documents
            expected = dense(records)[:n_documents]
            np.testing.assert_array_equal(store.strengths().to_csr().toarray(), expected)
    last = start(killed)
    last.join()
    assert last.exitcode == 0
    assert n_interrupted > N_KILLS // 2
    assert files_of(killed) == files_of(tmp_path / "whole")
    assert open_store(killed).is_complete

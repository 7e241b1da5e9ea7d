from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from corpuscope.corpus.read import read_corpus
from corpuscope.errors import (
    CorpusChanged,
    DictionaryError,
    FeatureMismatch,
    NotEnoughData,
    ReaderError,
)
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.config import Recipe
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.training.runs import learn
from corpuscope.training.settings import ReadingSettings
from corpuscope.training.states import cache as state_cache
from corpuscope.training.states import writer as state_writer
from corpuscope.training.states.cache import StateCache, StateStream
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states
from corpuscope.training.states.writer import StateWriter
from tests.reader.tiny import TEXTS, tiny_bert

TOKEN = Stream("token", (2,))
SENTENCES = Stream("sentence", (3, 4))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several segments and slices, though there is little."""
    monkeypatch.setattr(state_writer, "_SEGMENT_BYTES", 4_000)
    monkeypatch.setattr(state_cache, "_SLICE_BYTES", 2_500)


def numbered(n: int, width: int = 4) -> torch.Tensor:
    """States of which each tells its number."""
    return torch.arange(n, dtype=torch.float32)[:, None] + torch.linspace(0, 0.5, width)


def written(folder: Path, n: int = 1000, *, n_held_out: int = 100) -> StateStream:
    writer = StateWriter(folder, settings={"a": 1})
    for part in numbered(n).split(130):
        writer.add(TOKEN, part, held_out=False)
        if writer.is_full:
            writer.commit({"n": 0})
    writer.add(TOKEN, -1 - numbered(n_held_out), held_out=True)
    writer.commit({"n": 1}, is_complete=True)
    return StateCache(folder).stream(TOKEN)


def numbers(batches: Iterator[torch.Tensor], n: int) -> list[list[int]]:
    return [batch[:, 0].round().int().tolist() for batch in islice(batches, n)]


def flat(batches: list[list[int]]) -> list[int]:
    return [number for batch in batches for number in batch]


def test_a_pass_has_every_state_at_most_once_and_nearly_all(tmp_path: Path) -> None:
    stream = written(tmp_path / "cache")
    seen = flat(numbers(stream.batches(64), 1000 // 64))
    assert len(set(seen)) == len(seen) == 64 * (1000 // 64)
    assert min(seen) >= 0  # Nothing that is held out.


def test_every_pass_has_another_order_and_leaves_out_other_states(tmp_path: Path) -> None:
    stream = written(tmp_path / "cache")
    both = numbers(stream.batches(64), 30)
    assert both[:15] != both[15:]
    assert set(flat(both[:15])) != set(flat(both[15:]))
    assert len(set(flat(both[15:]))) == 15 * 64


def test_a_batch_is_mixed_from_all_of_the_corpus(tmp_path: Path) -> None:
    batches = np.array(numbers(written(tmp_path / "cache").batches(100), 10))
    means = batches.mean(axis=1)
    # A mean of 100 of 1,000 drawn at random has a standard error of 27.
    assert np.abs(means - 500).max() < 110
    neighbours = np.abs(np.diff(batches, axis=1)) == 1
    assert neighbours.mean() < 0.02


def test_the_same_seed_gives_the_same_batches_and_another_others(tmp_path: Path) -> None:
    stream = written(tmp_path / "cache")
    assert numbers(stream.batches(64, seed=3), 40) == numbers(stream.batches(64, seed=3), 40)
    assert numbers(stream.batches(64, seed=3), 4) != numbers(stream.batches(64, seed=4), 4)


@pytest.mark.parametrize("first", [0, 1, 7, 14, 15, 16, 29, 30, 47])
def test_one_can_begin_at_any_batch(tmp_path: Path, first: int) -> None:
    stream = written(tmp_path / "cache")
    whole = numbers(stream.batches(64), 60)
    assert numbers(stream.batches(64, first=first), 60 - first) == whole[first:]


def test_held_out_states_come_apart(tmp_path: Path) -> None:
    stream = written(tmp_path / "cache")
    found = sorted(torch.cat(list(stream.held_out()))[:, 0].round().int().tolist())
    assert found == list(range(-100, 0))
    assert (stream.n_units, stream.n_held_out) == (1000, 100)
    some = torch.cat(list(stream.held_out(at_most=40)))[:, 0].round().int().tolist()
    assert len(some) == len(set(some)) == 40
    assert set(some) <= set(found)


@pytest.mark.parametrize("unit_norm", [True, False])
def test_moments_are_those_of_all_states(tmp_path: Path, unit_norm: bool) -> None:
    moments = written(tmp_path / "cache").moments(unit_norm=unit_norm)
    states = numbered(1000).double()
    states = states / states.norm(dim=1, keepdim=True) if unit_norm else states
    expected = (states - states.mean(dim=0)).square().sum(dim=1).mean()
    torch.testing.assert_close(moments.mean.double(), states.mean(dim=0), rtol=1e-5, atol=1e-6)
    assert moments.variance == pytest.approx(expected.item(), rel=1e-3)


def test_bfloat16_states_come_back_bit_for_bit(tmp_path: Path) -> None:
    states = torch.randn(300, 5).bfloat16()
    writer = StateWriter(tmp_path / "cache", settings={})
    writer.add(TOKEN, states, held_out=True)
    writer.commit({}, is_complete=True)
    (found,) = StateCache(tmp_path / "cache").stream(TOKEN).held_out()
    assert found.dtype == torch.bfloat16
    rows = {tuple(row) for row in states.float().tolist()}
    assert {tuple(row) for row in found.float().tolist()} == rows


def test_what_was_not_committed_is_added_again(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first = StateWriter(folder, settings={"a": 1})
    first.add(TOKEN, numbered(500), held_out=False)
    first.commit({"n": 500})
    first.add(TOKEN, numbered(1000)[500:800], held_out=False)  # Lost.
    again = StateWriter(folder, settings={"a": 1})
    assert again.position == {"n": 500}
    again.add(TOKEN, numbered(1000)[500:], held_out=False)
    again.commit({"n": 1000}, is_complete=True)
    stream = StateCache(folder).stream(TOKEN)
    assert stream.n_units == 1000
    assert len(set(flat(numbers(stream.batches(100), 10)))) == 1000
    assert stream.moments(unit_norm=False).mean[0] == pytest.approx(499.5)


def test_clear_refusals(tmp_path: Path) -> None:
    stream = written(tmp_path / "cache", 50)
    with pytest.raises(NotEnoughData, match="50 states token-2"):
        next(stream.batches(64))
    with pytest.raises(FeatureMismatch, match="different a"):
        StateWriter(tmp_path / "cache", settings={"a": 2})
    with pytest.raises(DictionaryError, match="no states sentence-3-4"):
        StateCache(tmp_path / "cache").stream(SENTENCES)
    with pytest.raises(DictionaryError, match="holds no states"):
        StateCache(tmp_path / "nothing")
    StateWriter(tmp_path / "begun", settings={}).commit({})
    with pytest.raises(DictionaryError, match="unfinished"):
        StateCache(tmp_path / "begun")
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "letter.txt").write_text("dear")
    with pytest.raises(FeatureMismatch, match="not a cache of states"):
        StateWriter(tmp_path / "else", settings={})
    segment = next((tmp_path / "cache" / "token-2").glob("segment*"))
    segment.write_bytes(segment.read_bytes()[:-4])
    with pytest.raises(DictionaryError, match="shorter than its manifest"):
        next(stream.batches(50))


def corpus_rows(n: int = 60) -> list[dict[str, str]]:
    return [{"id": str(i), "text": f"{TEXTS[i % 4]} Number {i}."} for i in range(n)]


def test_a_corpus_becomes_states_of_tokens_and_sentences(tmp_path: Path) -> None:
    reader = tiny_bert()
    cache = read_states(
        read_corpus(corpus_rows()), into=tmp_path / "cache", streams=[TOKEN, SENTENCES],
        reading=ReadingSettings(reader=reader, max_tokens=32), held_out=0.3,
    )  # fmt: skip
    plan = ReadingPlan((2,), (3, 4), max_tokens=32)
    expected = list(read_documents(list(read_corpus(corpus_rows())), reader, plan))
    for stream, all_units in (
        (TOKEN, [stretch.tokens for stretch in expected]),
        (SENTENCES, [stretch.sentences for stretch in expected]),
    ):
        states = cache.stream(stream)
        whole = torch.cat([units.joined(stream.layers) for units in all_units])
        assert states.n_units + states.n_held_out == len(whole)
        assert 0.1 < states.n_held_out / len(whole) < 0.5
        found = torch.cat(list(states.held_out()))
        distance = torch.cdist(found.float(), whole.float()).min(dim=1).values
        assert distance.max() < 0.01  # The square roots of rounding.


def test_a_pass_that_was_cut_short_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    reader, rows = tiny_bert(), corpus_rows(600)
    arguments = {"streams": [TOKEN], "share": 0.5}
    reading = ReadingSettings(reader=reader, max_tokens=32)

    def stop(progress: object) -> None:
        if progress.n_documents >= 400:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    whole = read_states(read_corpus(rows), into=tmp_path / "whole", reading=reading, **arguments)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        read_states(
            read_corpus(rows),
            into=tmp_path / "cut",
            reading=replace(reading, progress=stop),
            **arguments,
        )  # type: ignore[arg-type]
    cut = read_states(read_corpus(rows), into=tmp_path / "cut", reading=reading, **arguments)  # type: ignore[arg-type]
    for one, other in zip(
        whole.stream(TOKEN).batches(64), islice(cut.stream(TOKEN).batches(64), 20), strict=False
    ):
        assert torch.equal(one, other)


def test_a_corpus_that_changed_is_noticed(tmp_path: Path) -> None:
    reader, rows = tiny_bert(), corpus_rows(600)
    arguments = {"streams": [TOKEN]}
    reading = ReadingSettings(reader=reader, max_tokens=32)

    def stop(progress: object) -> None:
        if progress.n_documents >= 400:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_states(
            read_corpus(rows),
            into=tmp_path / "cut",
            reading=replace(reading, progress=stop),
            **arguments,
        )  # type: ignore[arg-type]
    rows[3]["text"] = "Something else."
    with pytest.raises(CorpusChanged, match="first 256 documents"):
        read_states(read_corpus(rows), into=tmp_path / "cut", reading=reading, **arguments)  # type: ignore[arg-type]


def test_reading_stops_at_max_units(tmp_path: Path) -> None:
    cache = read_states(
        read_corpus(corpus_rows(2000)), into=tmp_path / "cache", streams=[TOKEN],
        reading=ReadingSettings(reader=tiny_bert(), max_tokens=32, max_units=5_000),
    )  # fmt: skip
    stream = cache.stream(TOKEN)
    assert 5_000 <= stream.n_units + stream.n_held_out < 12_000


def test_documents_that_give_nothing_are_counted(tmp_path: Path) -> None:
    reader = tiny_bert()
    reader.tokenizer.chat_template = (
        "{% if messages[0].role == 'user' %}{{ messages[0].content }}"
        "{% else %}{{ raise_exception('the user begins') }}{% endif %}"
    )
    rows = [
        {"messages": [{"role": role, "content": f"{TEXTS[i % 4]} Number {i}."}]}
        for i, role in enumerate(["user", "assistant", "user"] * 20)
    ]
    rows.append({"messages": []})
    cache = read_states(
        read_corpus(rows, messages="messages"), into=tmp_path / "cache", streams=[TOKEN],
        reading=ReadingSettings(reader=reader, context="passage", max_tokens=32),
    )  # fmt: skip
    assert cache.left_out == {"refused": 20, "empty": 1}
    assert StateCache(tmp_path / "cache").left_out == cache.left_out
    recipe = Recipe(
        n_features=16, objective=BatchTopKObjective(2), n_steps=2, batch_size=32, learning_rate=1e-3
    )
    learned = learn(cache, {"mine": recipe}, into=tmp_path / "out")["mine"]
    assert "20 documents were refused" in learned.warnings[0]
    assert "1 rows had no text" in learned.warnings[1]


def test_a_corpus_without_text_that_counts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="none with text that counts"):
        read_states(
            read_corpus(corpus_rows(3)),
            into=tmp_path / "cache",
            streams=[TOKEN],
            reading=ReadingSettings(reader=tiny_bert(), max_tokens=32),
            masks=MaskPolicy(roles=frozenset({"user"})),
        )
    with pytest.raises(ReaderError, match=r"share 0\.0"):
        read_states(read_corpus(corpus_rows(3)), into=tmp_path / "c", streams=[TOKEN], share=0.0)

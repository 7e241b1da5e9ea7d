"""What a writer of states leaves on disk, and where one that was interrupted goes on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from corpuscope.errors import DictionaryError, FeatureMismatch
from corpuscope.training.states import writer as state_writer
from corpuscope.training.states.files import Stream, segment_path, shuffled
from corpuscope.training.states.writer import StateWriter

TOKEN = Stream("token", (2,))
SENTENCE = Stream("sentence", (3, 4))


def states(n: int, width: int = 4, *, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed))


def segment(
    folder: Path, stream: Stream, number: int = 0, *, held_out: bool = False, width: int = 4
) -> torch.Tensor:
    """The states of a segment, as float32 on disk."""
    path = segment_path(folder, stream.name, number, held_out=held_out)
    return torch.from_numpy(np.fromfile(path, np.float32).reshape(-1, width).copy())


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("seed", [0, 7])
def test_segments_hold_the_states_in_the_order_of_the_seed(seed: int, tmp_path: Path) -> None:
    writer = StateWriter(tmp_path, settings={}, seed=seed)
    for number in range(2):
        given = states(20, seed=number)
        for part in given.split(6):
            writer.add(TOKEN, part, held_out=False)
        writer.commit({"n": number})
        expected = shuffled(given, [seed, number, 0])
        assert torch.equal(segment(tmp_path, TOKEN, number), expected)
    assert manifest(tmp_path)["streams"]["token-2"]["segments"] == [20, 20]


def test_streams_and_held_out_states_do_not_mix(tmp_path: Path) -> None:
    given = {
        (TOKEN, False): states(9, seed=1), (TOKEN, True): states(5, seed=2),
        (SENTENCE, False): states(4, 8, seed=3), (SENTENCE, True): states(3, 8, seed=4),
    }  # fmt: skip
    writer = StateWriter(tmp_path, settings={})
    for (stream, held_out), rows in given.items():
        writer.add(stream, rows, held_out=held_out)
    writer.commit({}, is_complete=True)
    for (stream, held_out), rows in given.items():
        found = segment(tmp_path, stream, held_out=held_out, width=rows.shape[1])
        assert sorted(found.tolist()) == sorted(rows.tolist())
    kept = manifest(tmp_path)["streams"]
    assert (kept["token-2"]["segments"], kept["token-2"]["held_out"]) == ([9], [5])
    assert (kept["sentence-3-4"]["width"], kept["sentence-3-4"]["layers"]) == (8, [3, 4])


def test_sums_are_those_of_training_states_alone(tmp_path: Path) -> None:
    writer = StateWriter(tmp_path, settings={})
    training, layered = states(30, seed=1), states(12, 8, seed=2)
    writer.add(TOKEN, training, held_out=False)
    writer.add(TOKEN, 100 + states(9), held_out=True)
    writer.add(SENTENCE, layered, held_out=False)
    writer.commit({})
    kept = manifest(tmp_path)["streams"]
    tokens = kept["token-2"]
    assert tokens["plain"]["n"] == 30
    assert tokens["plain"]["total"] == pytest.approx(training.double().sum(dim=0).tolist())
    assert tokens["plain"]["square"] == pytest.approx(training.double().square().sum().item())
    # Each state has length 1, and each of the two layers of a sentence's state.
    assert tokens["unit_norm"]["square"] == pytest.approx(30, rel=1e-6)
    assert kept["sentence-3-4"]["unit_norm"]["square"] == pytest.approx(2 * 12, rel=1e-6)


def test_bfloat16_states_take_two_bytes_a_number(tmp_path: Path) -> None:
    writer = StateWriter(tmp_path, settings={})
    given = states(10).bfloat16()
    writer.add(TOKEN, given, held_out=False)
    writer.commit({})
    path = segment_path(tmp_path, TOKEN.name, 0, held_out=False)
    assert path.stat().st_size == 10 * 4 * 2
    expected = shuffled(given, [0, 0, 0]).view(torch.int16).numpy()
    assert np.fromfile(path, np.int16).reshape(10, 4).tolist() == expected.tolist()
    assert manifest(tmp_path)["streams"]["token-2"]["dtype"] == "bfloat16"


def test_what_was_added_may_be_changed_afterwards(tmp_path: Path) -> None:
    writer = StateWriter(tmp_path, settings={})
    batch = states(6).requires_grad_()
    before = sorted(batch.tolist())
    writer.add(TOKEN, batch[:3], held_out=False)
    writer.add(TOKEN, batch[3:], held_out=False)
    with torch.no_grad():
        batch.zero_()
    writer.commit({})
    assert sorted(segment(tmp_path, TOKEN).tolist()) == before


def test_no_states_at_all_make_no_stream(tmp_path: Path) -> None:
    writer = StateWriter(tmp_path / "deep" / "new", settings={})
    writer.add(TOKEN, torch.empty(0, 4), held_out=False)
    assert not writer.is_full
    writer.commit({"n": 0})
    assert manifest(tmp_path / "deep" / "new")["streams"] == {}
    assert [path.name for path in (tmp_path / "deep" / "new").iterdir()] == ["manifest.json"]


def test_it_is_full_when_a_segment_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_writer, "_SEGMENT_BYTES", 200)
    writer = StateWriter(tmp_path, settings={})
    full = []
    for _ in range(4):
        writer.add(TOKEN, states(2), held_out=False)  # 32 bytes
        writer.add(SENTENCE, states(1, 8), held_out=True)  # 32 bytes
        full.append(writer.is_full)
    assert full == [False, False, False, True]
    writer.commit({})
    assert not writer.is_full


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_states_of_other_types_are_refused(dtype: torch.dtype, tmp_path: Path) -> None:
    writer = StateWriter(tmp_path, settings={})
    with pytest.raises(DictionaryError) as caught:
        writer.add(TOKEN, states(3).to(dtype), held_out=False)
    assert caught.value.found == f"states of type {str(dtype).removeprefix('torch.')}"
    assert caught.value.expected == "one of ['bfloat16', 'float32']"


def test_one_goes_on_where_the_last_commit_was(tmp_path: Path) -> None:
    settings = {"corpus": "größe", "layers": (1, 2), "nothing": None}
    first = StateWriter(tmp_path, settings=settings)
    assert (first.position, first.is_complete) == ({}, False)
    first.add(TOKEN, states(8, seed=1), held_out=False)
    first.commit({"document": 5, "id": "d5"})
    first.add(TOKEN, states(8, seed=2), held_out=False)  # Never committed.
    # Tuples are lists in JSON, and the same settings.
    again = StateWriter(tmp_path, settings=settings)
    assert (again.position, again.is_complete) == ({"document": 5, "id": "d5"}, False)
    assert not again.is_full
    again.add(TOKEN, states(3, seed=3), held_out=False)
    again.commit({"document": 9}, is_complete=True)
    assert StateWriter(tmp_path, settings=settings).is_complete
    kept = manifest(tmp_path)["streams"]["token-2"]
    assert kept["segments"] == [8, 3]
    exact = torch.cat([states(8, seed=1), states(3, seed=3)]).double().sum(dim=0)
    assert kept["plain"]["total"] == pytest.approx(exact.tolist())
    assert torch.equal(segment(tmp_path, TOKEN, 1), shuffled(states(3, seed=3), [0, 1, 0]))


def test_segments_that_no_manifest_lists_are_written_over(tmp_path: Path) -> None:
    stray = segment_path(tmp_path, TOKEN.name, 0, held_out=False)
    stray.parent.mkdir()
    stray.write_bytes(b"x" * 1000)
    writer = StateWriter(tmp_path, settings={})
    writer.add(TOKEN, states(3), held_out=False)
    writer.commit({})
    assert sorted(segment(tmp_path, TOKEN).tolist()) == sorted(states(3).tolist())


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"a": 1, "b": 3}, "b"),
        ({"a": 2, "b": 3}, "a, b"),
        ({"a": 1}, "b"),
        ({"a": 1, "b": 2, "größe": 0}, "größe"),
    ],
)
def test_other_settings_are_named(settings: dict[str, Any], names: str, tmp_path: Path) -> None:
    StateWriter(tmp_path, settings={"b": 2, "a": 1}).commit({})
    with pytest.raises(FeatureMismatch) as caught:
        StateWriter(tmp_path, settings=settings)
    assert caught.value.found.endswith(f"were read with different {names}")
    assert "started with" in caught.value.expected

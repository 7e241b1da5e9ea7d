"""Manifests, sums and segments of a cache of states."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from corpuscope.errors import DictionaryError, FeatureMismatch
from corpuscope.training.states.files import (
    FORMAT,
    VERSION,
    Kept,
    Stream,
    Sums,
    read_states_manifest,
    segment_path,
    shuffled,
    streams_of,
)


def states(n: int, width: int = 5, *, seed: int = 0, level: float = 0.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, width, generator=generator) * torch.arange(1, width + 1) + level


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        (Stream("token", (2,)), "token-2"),
        (Stream("sentence", (3, 4)), "sentence-3-4"),
        (Stream("token", (10, 0, 11)), "token-10-0-11"),
    ],
)
def test_streams_are_named_by_unit_and_layers(stream: Stream, name: str) -> None:
    assert stream.name == name


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("level", [0.0, 1000.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_sums_of_pieces_have_the_moments_of_the_whole(
    size: int, level: float, dtype: torch.dtype
) -> None:
    given = states(100, level=level).to(dtype)
    sums = Sums()
    for part in given.split(size):
        sums.add(part)
    moments = sums.moments()
    exact = given.double()
    assert sums.n == 100
    torch.testing.assert_close(moments.mean.double(), exact.mean(dim=0), rtol=1e-6, atol=1e-6)
    expected = exact.var(dim=0, correction=0).sum().item()
    assert moments.variance == pytest.approx(expected, rel=1e-6)


def test_states_that_are_all_equal_have_no_variance() -> None:
    sums = Sums()
    sums.add(torch.full((9, 3), 0.1))
    assert 0 <= sums.moments().variance < 1e-12


def test_sums_go_on_after_they_were_written_as_json() -> None:
    whole, part = Sums(), Sums()
    whole.add(states(30))
    part.add(states(30)[:11])
    resumed = Sums(**json.loads(json.dumps(asdict(part))))
    resumed.add(states(30)[11:])
    assert resumed.n == whole.n
    assert resumed.total == pytest.approx(whole.total)
    assert resumed.square == pytest.approx(whole.square)


def manifest(**changed: Any) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "streams": {}} | changed


def written(folder: Path, content: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(content), "utf-8")


def test_a_new_or_empty_folder_has_no_manifest(tmp_path: Path) -> None:
    assert read_states_manifest(tmp_path / "new") is None
    assert read_states_manifest(tmp_path) is None


def test_segments_that_were_never_committed_are_not_taken_for_other_files(tmp_path: Path) -> None:
    path = segment_path(tmp_path, "token-2", 0, held_out=False)
    path.parent.mkdir()
    path.write_bytes(b"cut")
    assert read_states_manifest(tmp_path) is None


@pytest.mark.parametrize("name", ["letter.txt", "token-2/other.bin", "größe"])
def test_a_folder_of_other_files_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine" / name
    path.parent.mkdir(parents=True)
    path.write_text("dear")
    with pytest.raises(FeatureMismatch) as caught:
        read_states_manifest(tmp_path / "mine")
    assert "mine holds files that are not a cache of states" in caught.value.found
    assert caught.value.next_step == "choose another folder"


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    content = manifest(
        settings={"corpus": "größe"}, position={"n": 3}, streams={}, is_complete=False
    )
    written(tmp_path, content)
    assert read_states_manifest(tmp_path) == content


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"version": VERSION + 1}, f"is {FORMAT!r}, version {VERSION + 1}"),
        ({"version": None}, f"is {FORMAT!r}, version None"),
        ({"format": "corpuscope store"}, f"is 'corpuscope store', version {VERSION}"),
        ({"format": None}, f"is None, version {VERSION}"),
    ],
)
def test_another_format_or_version_is_refused(
    changed: dict[str, Any], found: str, tmp_path: Path
) -> None:
    written(tmp_path, manifest(**changed))
    with pytest.raises(DictionaryError) as caught:
        read_states_manifest(tmp_path)
    assert found in caught.value.found
    assert caught.value.expected == f"{FORMAT!r}, version {VERSION}"


def test_streams_come_back_with_their_sums() -> None:
    tokens = Kept("token", [2], 5, "bfloat16", [10, 20], [3])
    tokens.plain.add(states(30))
    tokens.unit_norm.add(torch.nn.functional.normalize(states(30), dim=1))
    given = {"token-2": tokens, "sentence-3-4": Kept("sentence", [3, 4], 10, "float32")}
    content = {"streams": {name: asdict(kept) for name, kept in given.items()}}
    found = streams_of(json.loads(json.dumps(content)))
    assert found == given
    assert list(found) == list(given)
    assert streams_of({"streams": {}}) == {}


@pytest.mark.parametrize(
    ("number", "held_out", "name"),
    [(0, False, "segment-00000.states"), (12, True, "held-out-00012.states"),
     (123456, False, "segment-123456.states")],
)  # fmt: skip
def test_segments_are_numbered_and_held_out_ones_apart(
    number: int, held_out: bool, name: str, tmp_path: Path
) -> None:
    found = segment_path(tmp_path, "token-2", number, held_out=held_out)
    assert found == tmp_path / "token-2" / name


@pytest.mark.parametrize("n", [0, 1, 2, 100])
def test_shuffling_keeps_every_row_once(n: int) -> None:
    rows = torch.arange(3 * n).reshape(n, 3)
    found = shuffled(rows, [0, 1])
    assert sorted(found.tolist()) == rows.tolist()
    assert torch.equal(found, shuffled(rows, [0, 1]))


def test_the_order_depends_on_every_number_of_the_seed() -> None:
    rows = torch.arange(50)[:, None]
    seeds = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    orders = {tuple(shuffled(rows, seed).flatten().tolist()) for seed in seeds}
    assert len(orders) == len(seeds)
    assert tuple(range(50)) not in orders


@pytest.mark.parametrize(
    ("manifest", "fault"),
    [
        ('{"format": ', "damaged"), ("[]", "no JSON object"),
        ('{"format": "corpuscope states", "version": 1}', "without is_complete"),
    ],
)  # fmt: skip
def test_a_damaged_manifest_is_named(tmp_path: Path, manifest: str, fault: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(DictionaryError, match=fault):
        read_states_manifest(tmp_path)

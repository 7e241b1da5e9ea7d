from pathlib import Path

import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.training.states.cache import StateCache, StateStream
from corpuscope.training.states.files import Stream
from corpuscope.training.states.mixture import Mixture
from corpuscope.training.states.writer import StateWriter

STREAM = Stream("token", (2,))


def stream_of(value: float, folder: Path, *, width: int = 3) -> StateStream:
    writer = StateWriter(folder, settings={"value": value})
    writer.add(STREAM, torch.full((200, width), value), held_out=False)
    writer.add(STREAM, torch.full((20, width), value), held_out=True)
    writer.commit({}, is_complete=True)
    return StateCache(folder).stream(STREAM)


def test_each_batch_has_its_share_of_the_other_and_is_judged_by_the_first(tmp_path: Path) -> None:
    mixture = Mixture(stream_of(1.0, tmp_path / "a"), stream_of(5.0, tmp_path / "b"), 0.2)
    batches = mixture.batches(50)
    for _ in range(9):
        batch = next(batches)
        assert (batch[:, 0] == 5).sum() == 10
        assert (batch[:, 0] == 1).sum() == 40
    assert torch.cat(list(mixture.held_out())).unique().tolist() == [1]
    assert mixture.moments(unit_norm=False).mean.tolist() == [1, 1, 1]


def test_a_share_of_nothing_is_the_first_alone(tmp_path: Path) -> None:
    main, other = stream_of(1.0, tmp_path / "a"), stream_of(5.0, tmp_path / "b")
    assert (next(Mixture(main, other, 0).batches(50)) == 1).all()


def test_what_does_not_mix_is_refused(tmp_path: Path) -> None:
    main = stream_of(1.0, tmp_path / "a")
    with pytest.raises(DictionaryError, match="below 1"):
        Mixture(main, main, 1.0)
    with pytest.raises(DictionaryError, match="width 4"):
        Mixture(main, stream_of(1.0, tmp_path / "b", width=4), 0.5)

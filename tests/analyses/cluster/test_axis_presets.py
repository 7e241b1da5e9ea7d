"""Common names of axes stand for poles; names that are like them do too."""

import numpy as np
import pytest

from corpuscope.analyses.cluster import axis_presets
from corpuscope.analyses.cluster.axis_presets import AXIS_PRESETS, preset_poles

FIRSTS = [names[0] for names in AXIS_PRESETS]


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The cosine of whatever is asked to each preset's first name, to be filled in."""
    cosines: dict[str, float] = {}

    class Known:
        def embed(self, phrases: list[str]) -> np.ndarray:
            assert phrases[1:] == FIRSTS
            others = [[cosines.get(name, 0.0), 0.0] for name in phrases[1:]]
            return np.array([[1.0, 0.0], *others], dtype=np.float32)

    monkeypatch.setattr(axis_presets, "load_phrase_embedder", Known)
    return cosines


@pytest.mark.parametrize("names", AXIS_PRESETS)
def test_each_name_stands_for_its_poles_in_any_case_and_spacing(names: tuple[str, ...]) -> None:
    for name in names:
        assert preset_poles(name) == AXIS_PRESETS[names]
        assert preset_poles(f"  {name.upper().replace(' ', '   ')} ") == AXIS_PRESETS[names]


def test_no_name_stands_for_two_axes_and_each_axis_has_poles() -> None:
    every = [name for names in AXIS_PRESETS for name in names]
    assert len(set(every)) == len(every)
    assert all(name == " ".join(name.lower().split()) for name in every)
    assert all(len(set(poles)) == len(poles) >= 2 for poles in AXIS_PRESETS.values())


def test_what_is_like_a_name_stands_for_the_poles_of_the_nearest(near: dict[str, float]) -> None:
    near.update({"tone": 0.76, "emotion": 0.8, "topic": 0.5})
    assert preset_poles("the mood") == AXIS_PRESETS[("emotion", "mood", "feelings")]


@pytest.mark.parametrize(("cosine", "is_same"), [(0.7499, False), (0.7501, True)])
def test_what_is_unlike_all_names_stands_for_nothing(
    near: dict[str, float], cosine: float, is_same: bool
) -> None:
    near.update({"tone": cosine})
    assert bool(preset_poles("moods of a voice")) == is_same

"""Settings of training: how many steps a number of units is."""

from dataclasses import replace

import pytest

from corpuscope.training.settings import (
    DEFAULT_UNITS,
    FinetuneSettings,
    TrainingSettings,
)


@pytest.mark.parametrize("kind", [TrainingSettings, FinetuneSettings])
@pytest.mark.parametrize(
    ("n_units", "batch_size", "expected"),
    [
        (2048, 2048, 1),
        (4095, 2048, 1),
        (4096, 2048, 2),
        (10, 3, 3),
        # A run has a step, however few units are asked for.
        (1, 2048, 1),
        (0, 2048, 1),
        (3_000_000, 1, 3_000_000),
    ],
)
def test_steps_are_whole_batches_and_at_least_one(
    kind: type[TrainingSettings], n_units: int, batch_size: int, expected: int
) -> None:
    settings = kind(n_units=n_units, batch_size=batch_size)
    assert settings.n_steps() == expected
    # The usual number does not matter where one is given.
    assert settings.n_steps(77) == expected


@pytest.mark.parametrize("usual", [DEFAULT_UNITS, 3_000_000, 5])
def test_the_usual_number_of_units_counts_where_none_is_given(usual: int) -> None:
    settings = TrainingSettings(batch_size=1000)
    assert settings.n_steps(usual) == max(1, usual // 1000)
    assert settings.n_steps() == DEFAULT_UNITS // 1000


def test_settings_of_finetuning_keep_those_of_training() -> None:
    settings = FinetuneSettings(n_units=500, batch_size=100, renewed=0.5)
    longer = replace(settings, n_units=1000)
    assert (settings.n_steps(), longer.n_steps()) == (5, 10)
    assert (longer.renewed, longer.also_share) == (0.5, 0.2)
    assert longer != settings

"""Settings of an audit have the defaults of the command, and all are recorded."""

import dataclasses
import inspect
from typing import Any

import pytest

from corpuscope.analyses.audit.analysis import _PARAMETERS
from corpuscope.analyses.audit.settings import AuditSettings
from corpuscope.cli.commands.audit import audit
from corpuscope.ranges import check_at_least, check_numbers


def defaults() -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(AuditSettings)}


def test_the_command_has_the_same_defaults() -> None:
    options = {name: one.default for name, one in inspect.signature(audit).parameters.items()}
    # The number of texts is an option that all commands share.
    own = {name: options[name] for name in defaults() if name != "evidence"}
    assert AuditSettings(**own) == AuditSettings()


def test_every_setting_is_recorded_with_the_answer() -> None:
    assert set(defaults()) <= set(_PARAMETERS)
    assert len(set(_PARAMETERS)) == len(_PARAMETERS)


def test_the_defaults_are_in_range() -> None:
    settings = AuditSettings()
    check_numbers(q=0.05, evidence=settings.evidence, min_support=settings.min_support)
    check_at_least(2, folds=settings.folds)
    check_at_least(1, max_lines=settings.max_lines)


def test_settings_are_named_and_compared_by_value() -> None:
    with pytest.raises(TypeError):
        AuditSettings(True)  # type: ignore[call-arg]
    one = AuditSettings(folds=3)
    assert one == AuditSettings(folds=3) != AuditSettings(folds=4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.folds = 4  # type: ignore[misc]

"""Requests mark places, hide strengths, and shuffle what is shown."""

import pytest

from corpuscope.labels.by_reading.material import FeatureMaterial, HeldOutWindows, Trial
from corpuscope.labels.by_reading.prompts import (
    faults_of_label,
    naming_request,
    preference_request,
    right_answers,
    trial_request,
    window_request,
)
from corpuscope.labels.context import FeatureContext


def context(text: str, unit: str, strength: float = 1.0) -> FeatureContext:
    start = text.index(unit)
    return FeatureContext(text, start, start + len(unit), strength, "d")


WITH = (context("I certainly do.", "certainly", 3.25), context("Certainly not.", "Certainly"))
WITHOUT = (context("I do.", "do"),)
TRIAL = Trial((*WITHOUT, WITH[0], *WITHOUT * 3), 1)
NO_WINDOWS = HeldOutWindows(((), (), ()), (), ())
MATERIAL = FeatureMaterial(7, "token", WITH, WITHOUT, (TRIAL,), NO_WINDOWS, 20)


def test_places_are_marked_and_strengths_are_not_told() -> None:
    asked = naming_request(MATERIAL)
    assert "- I ‹certainly› do." in asked.user
    assert "3.25" not in asked.user
    assert "certainty" not in asked.user


def test_a_twin_is_named() -> None:
    assert 'is called "assent" already' in naming_request(MATERIAL, twin="assent").user


def test_a_trial_asks_for_a_letter_for_each_set() -> None:
    asked = trial_request("assent", [TRIAL, TRIAL])
    assert asked.user.count("B. I ‹certainly› do.") == 2
    assert list(asked.schema.json["properties"]) == ["set_1", "set_2"]
    assert right_answers([TRIAL, TRIAL], {"set_1": "B", "set_2": "unclear"}) == [True, False]


def test_each_passage_is_judged_by_itself() -> None:
    asked = window_request("detect", "assent", WITH)
    assert "1. I ‹certainly› do." in asked.user
    assert list(asked.schema.json["properties"]) == ["passage_1", "passage_2"]


def test_names_are_compared_without_saying_whose_they_are() -> None:
    asked = preference_request(MATERIAL, "assent", "forms of certain")
    assert "First name: assent\nSecond name: forms of certain" in asked.user


def test_long_sentences_are_cut_around_the_place() -> None:
    long = context(f"{'a ' * 200}certainly{' b' * 200}", "certainly")
    (line,) = [
        one for one in naming_request(
            FeatureMaterial(7, "token", (long,), (), (), NO_WINDOWS, 20)
        ).user.splitlines() if "certainly" in one
    ]  # fmt: skip
    assert line.startswith("- … ")
    assert line.endswith(" …")
    assert len(line) < 400


@pytest.mark.parametrize(
    ("label", "part"),
    [("", "empty"), ("a " * 11, "11 words"), ("words in the first list", "'list' speaks")],
)
def test_labels_that_speak_of_the_task_are_refused(label: str, part: str) -> None:
    assert any(part in one for one in faults_of_label(label))
    assert not list(faults_of_label("words of firm assent"))

"""A true label tells a feature, another's does not, and what is unread counts for nothing."""

import re
from typing import Any

import numpy as np
import pytest

from corpuscope.labels.by_reading.material import FeatureMaterial, material_of_features
from corpuscope.labels.by_reading.windows import detection_table, moved_mark
from corpuscope.labels.context import FeatureContext
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from tests.claiming.worlds import CERTAIN, DOUBT, WORDS, store

LABELS = {feature: f"the word {word}" for feature, word in WORDS.items()}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> list[FeatureMaterial]:
    made = store(tmp_path_factory.mktemp("windows") / "s.scope")
    return material_of_features(made, [CERTAIN, DOUBT])


def reader(request: Request) -> Any:
    """Says yes where the marked place holds the word that the label names."""
    label = request.user.split("\n")[0].removeprefix("The property: ")
    word = label.removeprefix("the word ")
    places = re.findall(r"^(\d+)\. (.*)$", request.user, re.MULTILINE)
    marked = {n: line[line.index("‹") + 1 : line.index("›")] for n, line in places}
    return {f"passage_{n}": "yes" if word in unit else "no" for n, unit in marked.items()}


def test_its_own_label_tells_a_feature_and_another_does_not(
    material: list[FeatureMaterial],
) -> None:
    found = detection_table(material, LABELS, LLM(Function(reader, "reader")))
    by = {(row["feature"], row["of"]): row for _, row in found.iterrows()}
    assert len(by) == 6
    for feature in LABELS:
        own, other, none = (by[feature, of] for of in ("own", "shuffled", "none"))
        assert own["detection"] >= 0.9
        assert own["detection_low"] > 0.5
        assert own["detection_low"] <= own["detection"] <= own["detection_high"]
        assert own["detection_by_frequency"] >= 0.9
        assert other["detection"] <= 0.55
        assert none["detection"] == 0.5


def test_fuzzing_moves_the_mark_to_another_word() -> None:
    rng = np.random.default_rng(0)
    one = FeatureContext("I do not know.", 2, 4, 1.0, "d")
    moved = [moved_mark(one, rng) for _ in range(20)]
    assert {each.unit for each in moved if each is not None} == {"I", "not", "know"}
    assert moved_mark(FeatureContext("Yes!", 0, 3, 1.0, "d"), rng) is None


def test_a_label_that_is_read_too_seldom_has_no_score(material: list[FeatureMaterial]) -> None:
    found = detection_table(
        material, LABELS, LLM(Function(lambda _: {"passage_1": "unclear"}, "idle"))
    )
    assert found["detection"].isna().all()
    assert (found["n_unread"] > 0).all()


def test_features_without_a_label_are_left_out(material: list[FeatureMaterial]) -> None:
    found = detection_table(material, {CERTAIN: "certainty"}, LLM(Function(reader, "reader")))
    assert found["of"].tolist() == ["own", "none"]

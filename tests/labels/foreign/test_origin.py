from pathlib import Path

import pandas as pd
import pytest

from corpuscope.errors import FeatureMismatch
from corpuscope.labels.foreign.origin import LabelOrigin, LabelTarget, check_fit, width_of

LABELS = pd.DataFrame({"feature": [0, 5, 16_383]})
ORIGIN = LabelOrigin("gemma-2-2b/20-gemmascope-res-16k", "gemma-2-2b", 20, 16_384)
TARGET = LabelTarget("a.scope", 16_384, "google/gemma-2-2b", (21,))


def test_labels_of_the_same_dictionary_fit() -> None:
    check_fit(LABELS, ORIGIN, TARGET)


def test_what_a_side_does_not_say_is_no_fault() -> None:
    check_fit(LABELS, LabelOrigin(), TARGET)
    check_fit(LABELS, ORIGIN, LabelTarget("a.scope", 16_384))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (LabelTarget("a.scope", 16_384, "google/gemma-2-9b", (21,)), "the model gemma-2-2b"),
        (LabelTarget("a.scope", 16_384, "google/gemma-2-2b-it", (21,)), "the model gemma-2-2b"),
        (LabelTarget("a.scope", 16_384, "google/gemma-2-2b", (13,)), "for layer 20"),
        (LabelTarget("a.scope", 65_536, "google/gemma-2-2b", (21,)), "dictionary of 16,384"),
        (LabelTarget("a.scope", 16_384, sae_id="gemma-2-2b/20-other"), "labels of gemma-2-2b/20-g"),
    ],
)
def test_labels_of_another_dictionary_do_not(target: LabelTarget, message: str) -> None:
    with pytest.raises(FeatureMismatch, match=message) as error:
        check_fit(LABELS, ORIGIN, target)
    assert "another dictionary than a.scope" in error.value.found


def test_a_feature_beyond_the_dictionary_is_an_error() -> None:
    with pytest.raises(FeatureMismatch, match="a label of feature 16383"):
        check_fit(LABELS, LabelOrigin(), LabelTarget("a.scope", 16_383))
    with pytest.raises(FeatureMismatch, match="a label of feature -1"):
        check_fit(pd.DataFrame({"feature": [-1]}), LabelOrigin(), TARGET)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("llama3.1-8b-it", "meta-llama/Meta-Llama-3.1-8B-Instruct"),
        ("gpt2-small", "openai-community/gpt2"),
        ("pythia-70m-deduped", "EleutherAI/pythia-70m-deduped"),
        ("deepseek-r1-distill-llama-8b", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"),
    ],
)
def test_a_model_has_several_spellings(one: str, other: str) -> None:
    check_fit(LABELS, LabelOrigin(model=one), LabelTarget("a", 20_000, other))


def test_a_model_in_a_folder_may_be_any(tmp_path: Path) -> None:
    check_fit(LABELS, ORIGIN, LabelTarget("a", 16_384, str(tmp_path), (21,)))


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("20-gemmascope-res-16k", 16_384), ("20-gemmascope-res-16k__l0-71", 16_384),
        ("17-gemmascope-2-res-262k", 262_144), ("12-res-1m", 1_048_576), ("0-x-65k", 65_536),
        ("0-llamascope-slimpj-res-32k", 32_768), ("6-res_post_32k-oai", 32_768),
        ("8-res-jb", None), ("50-resid-post-gf", None), ("3-res-24k", None), ("3-0k", None),
    ],
)  # fmt: skip
def test_a_name_may_say_the_width(name: str, width: int | None) -> None:
    assert width_of(name) == width

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.conversion import tensors_of
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.firing import BatchTopK, FiringRule, GroupMax, Relu, Threshold, TopK
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.token_norm import TokenNorm
from tests.sae.worlds import feature_table, random_dictionary, random_sae


def weights(dictionary: Dictionary) -> list[torch.Tensor]:
    return [tensor for part in dictionary.parts for tensor in tensors_of(part.sae).values()]


def test_a_dictionary_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    saved = random_dictionary(roles=["assistant"])
    save_dictionary(saved, tmp_path / "d")
    loaded = load_dictionary(tmp_path / "d")
    for name in ("reader_name", "revision", "context", "max_tokens", "masks", "training", "about"):
        assert getattr(loaded, name) == getattr(saved, name), name
    assert loaded.features.equals(saved.features)
    assert [(p.unit, p.layers) for p in loaded.parts] == [("token", (2,)), ("sentence", (3, 4))]
    for found, expected in zip(weights(loaded), weights(saved), strict=True):
        assert torch.equal(found, expected)
    assert loaded.digest == saved.digest
    assert loaded.n_features == 36


@pytest.mark.parametrize("rule", [Relu(), TopK(3), GroupMax(4), Threshold(torch.rand(24))])
def test_every_rule_for_use_comes_back(tmp_path: Path, rule: FiringRule) -> None:
    part = Part("token", (1,), random_sae(firing=rule, unit_norm=True))
    one = replace(random_dictionary(), parts=(part,), features=feature_table(24, 0, None))
    save_dictionary(one, tmp_path / "d")
    (loaded,) = load_dictionary(tmp_path / "d").parts
    states = torch.randn(5, 16)
    torch.testing.assert_close(loaded.sae.encode(states), part.sae.encode(states))


def version_of(folder: Path) -> int:
    return int(json.loads((folder / "config.json").read_text())["version"])


@pytest.mark.parametrize("norm", [None, TokenNorm(is_centred=True, divisor="deviation")])
def test_sites_norms_and_first_tokens_come_back_in_version_2(
    tmp_path: Path, norm: TokenNorm | None
) -> None:
    sae = replace(random_sae(), token_norm=norm)
    one = replace(
        random_dictionary(),
        parts=(Part("token", (1,), sae, "attention-heads"),),
        features=feature_table(24, 0, None),
        prepends_bos=True,
    )
    save_dictionary(one, tmp_path / "d")
    loaded = load_dictionary(tmp_path / "d")
    assert (loaded.parts[0].site, loaded.prepends_bos) == ("attention-heads", True)
    assert loaded.parts[0].sae.token_norm == norm
    assert loaded.digest == one.digest
    assert version_of(tmp_path / "d") == 2
    assert "prepends_bos" not in loaded.about


def test_what_needs_nothing_newer_is_saved_so_that_older_versions_read_it(tmp_path: Path) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    assert version_of(tmp_path / "d") == 1


def test_the_digest_of_the_built_in_dictionary_stays() -> None:
    # Stores that were extracted with it must open with this version.
    assert load_dictionary().digest.startswith("bdf02bd57bf42199")


@pytest.mark.parametrize(
    ("key", "value"),
    [("site", "nowhere"), ("token_norm", {"is_centred": True, "divisor": "x", "epsilon": 0})],
)
def test_settings_of_a_part_that_are_unknown_are_refused(
    tmp_path: Path, key: str, value: object
) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    path = tmp_path / "d" / "config.json"
    config = json.loads(path.read_text())
    config["parts"][0][key] = value
    path.write_text(json.dumps(config))
    with pytest.raises(DictionaryError, match=r"nowhere|divisor"):
        load_dictionary(tmp_path / "d")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_maps_may_be_stored_in_half_the_room(tmp_path: Path, dtype: torch.dtype) -> None:
    saved = random_dictionary()
    save_dictionary(saved, tmp_path / "d", dtype=dtype)
    sae = load_dictionary(tmp_path / "d").parts[0].sae
    assert sae.encoder.dtype == torch.float32
    assert torch.equal(sae.encoder, saved.parts[0].sae.encoder.to(dtype).float())
    assert torch.equal(sae.encoder_bias, saved.parts[0].sae.encoder_bias)


def test_the_digest_follows_what_numbers_depend_on_and_nothing_else() -> None:
    one = random_dictionary()
    relabelled = one.features.set_column(2, "label", [["x"] * 36])
    assert replace(one, features=relabelled, training={}, about={}).digest == one.digest
    others = [
        random_dictionary(seed=5),
        random_dictionary(threshold=0.7),
        replace(one, context="passage"),
        replace(one, masks={**one.masks, "roles": ["user"]}),
        replace(one, parts=(replace(one.parts[0], layers=(3,)), one.parts[1])),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == len(others) + 1


def test_a_rule_for_learning_only_is_refused() -> None:
    with pytest.raises(DictionaryError, match="batch top-k"):
        replace(random_dictionary(), parts=(Part("token", (1,), random_sae(firing=BatchTopK(2))),))


def test_a_table_that_does_not_fit_the_parts_is_refused() -> None:
    with pytest.raises(DictionaryError, match="kinds"):
        replace(random_dictionary(), features=feature_table(23, 13, 0.5))
    with pytest.raises(DictionaryError, match="rows"):
        replace(random_dictionary(), features=feature_table(24, 13, 0.5))


def test_sentences_come_after_tokens() -> None:
    one = random_dictionary()
    with pytest.raises(DictionaryError, match="before parts for tokens"):
        replace(one, parts=one.parts[::-1])


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    with pytest.raises(DictionaryError, match="already exists"):
        save_dictionary(random_dictionary(), tmp_path / "d")
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_a_dictionary_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DictionaryError, match="nothing"):
        load_dictionary(tmp_path / "nothing")


@pytest.mark.parametrize(
    "file", ["config.json", "0-token.safetensors", "1-sentence.safetensors", "features.parquet"]
)
@pytest.mark.parametrize("damage", ["gone", "cut", "noise", "empty"])
def test_a_damaged_file_is_a_dictionary_error(tmp_path: Path, file: str, damage: str) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    path = tmp_path / "d" / file
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "noise":
        path.write_bytes(b"\xff\x01" * 100)
    elif damage == "empty":
        path.write_bytes(b"")
    with pytest.raises(DictionaryError):
        load_dictionary(tmp_path / "d")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "something else"),
        ("version", 3),
        ("context", "page"),
        ("parts", []),
        ("reader", None),
        ("max_tokens", "many"),
    ],
)
def test_a_config_that_makes_no_sense_is_a_dictionary_error(
    tmp_path: Path, key: str, value: object
) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    path = tmp_path / "d" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(DictionaryError):
        load_dictionary(tmp_path / "d")


def test_weights_are_only_read_from_the_folder_itself(tmp_path: Path) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    path = tmp_path / "d" / "config.json"
    config = json.loads(path.read_text())
    config["parts"][0]["file"] = "../d/0-token.safetensors"
    path.write_text(json.dumps(config))
    with pytest.raises(DictionaryError, match="outside the folder"):
        load_dictionary(tmp_path / "d")

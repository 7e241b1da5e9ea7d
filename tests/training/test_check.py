"""Checking dictionaries on text, with principal components of real states as a dictionary."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
import torch
from typer.testing import CliRunner

from corpuscope.cli.main import app
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import read_corpus
from corpuscope.demo import demo_corpus
from corpuscope.errors import NotEnoughData
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.firing import Relu
from corpuscope.sae.model import SAE
from corpuscope.training.check import CheckResult, check

N = 60


@cache
def reader() -> LanguageModel:
    return load_reader(device="cpu", dtype=torch.float32)


def texts(first: int = 0) -> Corpus:
    documents = list(demo_corpus())[first : first + 12]
    return read_corpus([{"id": one.id, "text": one.text} for one in documents])


@cache
def components() -> Dictionary:
    """Each direction twice, with both signs: half of the features fire."""
    plan = ReadingPlan(token_layers=(3,), context="passage", max_tokens=64)
    read = read_documents(list(texts()), reader(), plan)
    states = torch.cat([one.tokens.states[3] for one in read])
    mean = states.mean(dim=0)
    rows = torch.linalg.svd(states - mean, full_matrices=False).Vh[:N]
    both = torch.cat([rows, -rows])
    sae = SAE(both, both.clone(), torch.zeros(2 * N), mean, Relu())
    table = pa.table({"feature": pa.array(range(2 * N), pa.int32()), "kind": ["token"] * 2 * N})
    masks = MaskPolicy().to_config()
    return Dictionary(
        "sentence-transformers/all-MiniLM-L6-v2", "any", "passage", 64, masks,
        (Part("token", (3,), sae),), table, about={"expected_l0": float(N), "notes": ["a note"]},
    )  # fmt: skip


def checked(dictionary: Dictionary, **options: object) -> CheckResult:
    return check(dictionary, texts(60), reader=reader(), max_units=400, **options)  # type: ignore[arg-type]


def at(layer: int) -> Dictionary:
    part = replace(components().parts[0], layers=(layer,))
    return replace(components(), parts=(part,))


def test_what_is_right_is_fine_and_says_where_it_belongs() -> None:
    found = checked(components())
    assert found.diagnosis.status == "fine"
    assert found.diagnosis.likely is None
    assert found.place == "residual of layer 3"
    assert found.loaded is not None
    assert (found.loaded.n_units, round(found.loaded.l0)) == (400, N)
    assert {"wrong layer", "wrong site", "first token not wanted", "input scale missing"} <= {
        one.mistake for one in found.tried
    }
    assert found.warnings == ("a note",)
    assert json.loads(json.dumps(found.to_json()))["status"] == "fine"


@pytest.mark.parametrize("layer", [4, 5])
def test_a_wrong_layer_is_named_with_the_right_one(layer: int) -> None:
    found = checked(at(layer))
    assert found.diagnosis.likely is not None
    assert found.diagnosis.likely.mistake == "wrong layer"
    assert "residual of layer 3" in found.diagnosis.likely.meaning


def test_numbers_that_are_too_large_for_the_reader_are_named() -> None:
    part = components().parts[0]
    sae = replace(part.sae, encoder=1e5 * part.sae.encoder, decoder=part.sae.decoder / 1e5)
    large = replace(components(), parts=(replace(part, autoencoder=sae),))
    assert checked(large).diagnosis.status == "fine"
    half = load_reader(device="cpu", dtype=torch.float16)
    found = check(large, texts(60), reader=half, max_units=100)
    assert found.loaded is None
    assert "overflows in float16" in found.diagnosis.reasons[0]
    assert found.to_json()["measures"] is None


def test_a_corpus_without_text_is_an_error() -> None:
    with pytest.raises(NotEnoughData):
        check(components(), read_corpus([{"text": " "}]), reader=reader())


def test_the_command_prints_what_it_does_beside_what_it_should(tmp_path: Path) -> None:
    save_dictionary(at(4), tmp_path / "d")
    (tmp_path / "t.jsonl").write_text(
        "\n".join(json.dumps({"text": one.text}) for one in texts(60))
    )
    words = ["check", str(tmp_path / "d"), str(tmp_path / "t.jsonl"), "--max-units", "300"]
    printed = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "corrected" in printed
    assert "unexplained variance" in printed
    assert "Likely: wrong layer; it fits residual of layer 3 better." in printed
    printed = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout
    assert json.loads(printed)["likely"]["mistake"] == "wrong layer"

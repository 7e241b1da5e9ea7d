"""Names of probes are parsed, and every part of a name says what it should."""

from itertools import product

import pytest

from corpuscope.errors import InputError
from corpuscope.probing.probe_names import (
    DEFAULT_PROBES,
    Spec,
    parsed,
    positions_in,
    specs_of,
)

POOLINGS = ("mean", "max", "last", "position=0", "position=7", "position=-2")


@pytest.mark.parametrize(
    ("kind", "unit", "pooling"),
    list(product(("dense", "reconstruction", "error"), ("token", "sentence"), POOLINGS)),
)
def test_probes_of_states_have_a_unit_and_a_pooling(kind: str, unit: str, pooling: str) -> None:
    name = f"{kind} {unit} {pooling}"
    found = parsed(name)
    assert found == Spec(name, kind, unit, pooling)  # type: ignore[arg-type]
    assert found.uses_sae == (kind == "reconstruction")


@pytest.mark.parametrize(("unit", "pooling"), list(product(("token", "sentence"), POOLINGS)))
@pytest.mark.parametrize(
    ("size", "k", "choice"),
    [("all", None, "difference"), ("k=1", 1, "difference"), ("k=128", 128, "difference"),
     ("k=9 l1", 9, "l1")],
)  # fmt: skip
def test_probes_of_features_have_a_size_and_a_choice(
    size: str, k: int | None, choice: str, unit: str, pooling: str
) -> None:
    name = f"sae {unit} {pooling} {size}"
    found = parsed(name)
    assert found == Spec(name, "sae", unit, pooling, k, choice)  # type: ignore[arg-type]
    assert found.uses_sae


@pytest.mark.parametrize("name", ["length", "words", "embedding"])
def test_baselines_have_neither(name: str) -> None:
    found = parsed(name)
    assert found == Spec(name, name)  # type: ignore[arg-type]
    assert not found.uses_sae


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("  sae   token\tmax  k=16 ", "sae token max k=16"),
        ("dense  token attention", "dense token attention"),
        (" length", "length"),
    ],
)
def test_spaces_do_not_matter(written: str, name: str) -> None:
    assert parsed(written) == parsed(name)
    assert parsed(written).name == name


@pytest.mark.parametrize("name", ["dense token attention", "sae token attention all"])
def test_attention_is_over_tokens(name: str) -> None:
    found = parsed(name)
    assert (found.kind, found.unit, found.pooling, found.k) == (
        name.split()[0], "token", "attention", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["sae sentence attention all", "error token attention", "sae token attention",
     "sae token max k=01", "sae token max k=-1", "sae token max k=1.5", "sae token max 16",
     "sae token max all l1", "sae token max k=4 l1 l1", "sae token max k=4 L1", "Length",
     "length words", "embedding token mean", "dense token mean max", "words token mean", "größe",
     "sae token position=1.5 all"],
)  # fmt: skip
def test_names_that_are_almost_right_are_refused_with_the_form(name: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(name)
    assert name in caught.value.found or "position=1.5" in caught.value.found
    assert "position=N" in caught.value.expected
    assert caught.value.next_step


@pytest.mark.parametrize(
    "units", [(), ("token",), ("sentence",), ("token", "sentence"), ("sentence", "token")]
)
def test_default_probes_are_those_of_the_units_of_the_dictionary(units: tuple[str, ...]) -> None:
    found = [one.name for one in specs_of(None, units)]
    lacking = {"token", "sentence"} - set(units)
    assert found == [name for name in DEFAULT_PROBES if not lacking & set(name.split())]
    assert found[:3] == ["length", "words", "embedding"]


def test_requested_probes_keep_their_order() -> None:
    names = ["words", "sae token max k=4", "dense sentence last", "length"]
    found = specs_of(iter(names), ["token", "sentence"])
    assert [one.name for one in found] == names


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], "the probes []"),
        (["words", "length", "words"], "the probes ['words', 'length', 'words']"),
        # They differ in spaces alone.
        (["sae token max all", "sae token  max all"], "the probes ['sae token max all', 'sae"),
        (["sae sentence max all"], "the probe 'sae sentence max all', but a dictionary of token"),
    ],
)
def test_lists_that_cannot_be_fitted_are_refused(names: list[str], found: str) -> None:
    with pytest.raises(InputError) as caught:
        specs_of(names, ["token"])
    assert caught.value.found.startswith(found)
    assert caught.value.expected
    assert caught.value.next_step


def test_positions_are_listed_once_and_usual_poolings_not_at_all() -> None:
    names = [
        "length", "dense token mean", "dense token position=3", "sae token position=3 all",
        "error sentence position=-2", "dense token attention", "dense token last",
    ]  # fmt: skip
    assert positions_in(map(parsed, names)) == ["position=-2", "position=3"]
    assert positions_in([]) == []

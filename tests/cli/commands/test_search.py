import json
from pathlib import Path

import pytest

import corpuscope as cs
from tests.analyses.search.worlds import GLAD, kind_of, world
from tests.cli.conftest import Command

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("asked") / "s.scope").path


ASKED = ("cheerful", "--no-rename")


def test_texts_are_shown_with_the_places_that_count(command: Command, store: Path) -> None:
    shown = command("search", store, *ASKED, "-n", 3)
    assert shown.code == 0, shown.err
    assert '3 texts of 60: "cheerful"' in shown.out
    assert f"feature {GLAD}" in shown.out
    assert "[[" in shown.out.split("\n1  ")[1]
    assert "no text contains a word of the phrase" in shown.err


def test_one_object_with_the_promised_names(command: Command, store: Path) -> None:
    found = command("search", store, *ASKED, "--json").json
    assert set(found) >= SHARED | {"hits", "features"}
    assert found["analysis"] == "search"
    assert len(found["hits"]) == 10
    for hit in found["hits"]:
        assert set(hit) >= {"rank", "id", "score", "text", "features", "spans"}


def test_the_command_answers_what_the_function_answers(command: Command, store: Path) -> None:
    asked = command("search", store, "happy", "--like", "glad-0", "--unlike", "money-1",
                    "--weight", "5=0.5", "--weight", "6=-0.25", "--using", "features",
                    "--using", "dense", "-n", "4", "--n-features", "7", "--temperature", "0.3",
                    "--seed", "3", "--no-rename", "--json").json  # fmt: skip
    found = cs.search(
        cs.open_store(store),
        "happy",
        like=["glad-0"],
        unlike=["money-1"],
        weights={5: 0.5, 6: -0.25},
        using=["features", "dense"],
        n=4,
        settings=cs.SearchSettings(n_features=7, temperature=0.3, seed=3, rename=False),
    )
    assert asked == json.loads(json.dumps(found.to_json()))
    assert {kind_of(hit["id"]) for hit in asked["hits"]} <= {"glad", "money", "other"}


def test_other_stores_are_searched_too(command: Command, store: Path, tmp_path: Path) -> None:
    other = world(tmp_path / "other.scope", n_each=5, seed=1).path
    found = command("search", store, "--also", other, *ASKED, "--json").json
    assert found["n_documents"] == 75
    assert [hit["id"] for hit in found["hits"]] == [
        hit.id
        for hit in cs.search(
            [cs.open_store(store), cs.open_store(other)],
            "cheerful",
            n=10,
            settings=cs.SearchSettings(rename=False),
        ).hits
    ]


def test_a_plot_is_drawn(command: Command, store: Path, tmp_path: Path) -> None:
    shown = command("search", store, *ASKED, "--plot", tmp_path / "p.svg")
    assert shown.code == 0, shown.err
    assert (tmp_path / "p.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ((), "nothing to search for"),
        (("",), "an empty phrase"),
        (("--like", "nobody"), "not in"),
        (("happy", "--weight", "999=1"), "features that do not exist"),
        (("happy", "--weight", "much"), "expected a form such as 12=0.5"),
        (("happy", "--using", "vibes"), "vibes"),
        (("happy", "-n", "0"), "n is 0"),
    ],
)
def test_what_cannot_be_asked_is_told(
    asked: tuple[str, ...], message: str, command: Command, store: Path
) -> None:
    shown = command("search", store, *asked)
    assert shown.code == 2
    assert message in shown.err

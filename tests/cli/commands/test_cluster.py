import json
from pathlib import Path

import pytest

import corpuscope as cs
from tests.cli.conftest import Command, Extract, lines

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}
OF_A_CLUSTER = {"cluster", "size", "label", "description", "features", "stability", "evidence"}
DOGS = ("The dog barked at the cat.", "Dogs and cats sleep.", "A cat chased the dog outside.")
SUMS = ("Add 3 and 4 to get 7.", "The sum of 5 and 9 is 14.", "Then 12 minus 8 gives 4.")
ASKED = ("--no-rename", "--n-clusters", "2")


@pytest.fixture
def store(extract: Extract, tmp_path: Path) -> Path:
    """Half of the texts are about dogs, half are sums."""
    rows = [
        {
            "id": f"d{i:03d}",
            "text": f"{(DOGS, SUMS)[i % 2][i % 3]} {(DOGS, SUMS)[i % 2][i % 5 % 3]}",
        }
        for i in range(80)
    ]
    file = lines(tmp_path / "mixed.jsonl", rows)
    assert extract(file, "--into", tmp_path / "mixed.scope").code == 0
    return tmp_path / "mixed.scope"


def test_clusters_are_shown_with_rates_and_texts(command: Command, store: Path) -> None:
    shown = command("cluster", store, *ASKED)
    assert shown.code == 0, shown.err
    assert "2 clusters: 80 documents along all features" in shown.out
    assert "vs." in shown.out
    assert "duplicate texts" in shown.err


def test_one_object_with_the_promised_names(command: Command, store: Path, tmp_path: Path) -> None:
    shown = command("cluster", store, *ASKED, "--json", "--plot", tmp_path / "map.svg")
    found = shown.json
    assert set(found) >= SHARED | {"n_clusters", "assignments", "clusters", "curves", "layout"}
    assert found["n_clusters"] == len(found["clusters"]) == 2
    for one in found["clusters"]:
        assert set(one) >= OF_A_CLUSTER
    of_kind = [[found["assignments"][f"d{i:03d}"] for i in range(kind, 80, 2)] for kind in (0, 1)]
    # The reader's weights are random: most of one kind, and all of the other.
    shares = sorted(max(kind.count(own) for own in (0, 1)) / 40 for kind in of_kind)
    assert shares[0] > 0.5
    assert {max((0, 1), key=kind.count) for kind in of_kind} == {0, 1}
    assert (tmp_path / "map.svg").stat().st_size > 1000


def test_the_command_answers_what_the_function_answers(command: Command, store: Path) -> None:
    found = cs.cluster(
        cs.open_store(store), n_clusters=2, settings=cs.ClusterSettings(rename=False)
    )
    asked = command("cluster", store, *ASKED, "--json").json
    assert asked["clusters"] == json.loads(json.dumps(found.to_json()["clusters"]))


def test_options_reach_the_function(command: Command, store: Path) -> None:
    options = ("--without", "3", "--n-features", "20", "--seed", "4", "--no-words")
    asked = command("cluster", store, *ASKED, "--json", *options).json["parameters"]
    expected = {"without": [3], "n_features": 20, "seed": 4, "words": False, "n_clusters": 2}
    assert {name: asked[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--n-clusters", "1"), "n_clusters is 1"),
        (("--n-clusters", "99"), "at least 99"),
        (("--along", " "), "along is"),
        (("--along", "animals"), "no feature of these documents matches 'animals'"),
        (("--feature", "999999"), "feature 999999 does not exist"),
    ],
)
def test_what_cannot_be_is_told(
    options: tuple[str, ...], message: str, command: Command, store: Path
) -> None:
    shown = command("cluster", store, *options)
    assert shown.code == 2
    assert message in shown.err

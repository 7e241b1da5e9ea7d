import json
from pathlib import Path

import pytest

import corpuscope as cs
from tests.cli.conftest import Command, Extract, counted, lines

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}
OF_A_FINDING = {
    "feature", "kind", "label", "members", "rates", "slope", "interval", "p_value", "q_value",
    "monotone", "replicated", "evidence",
}  # fmt: skip
ENDINGS = ["Dogs sleep.", "Fry the onion!"]
SHARES = {"draft": 0, "second": 10, "final": 25}
ASKED = ("--by", "draft", "--order", "draft", "--order", "second", "--order", "final",
         "--pair", "recipe", "--no-adjust")  # fmt: skip


@pytest.fixture
def store(extract: Extract, tmp_path: Path) -> Path:
    """Three drafts of each recipe; onions come in on the way."""
    rows = [
        {
            "id": f"{recipe}/{draft}",
            "recipe": recipe,
            "draft": draft,
            "year": 2020 + number,
            "day": recipe * 7 % 30,
            "text": f"The cat sat on the mat {counted(recipe)}. {ENDINGS[recipe < n]}",
        }
        for recipe in range(30)
        for number, (draft, n) in enumerate(SHARES.items())
    ]
    file = lines(tmp_path / "recipes.jsonl", rows)
    assert extract(file, "--into", tmp_path / "recipes.scope").code == 0
    return tmp_path / "recipes.scope"


def test_trend_shows_curves_rates_and_texts(command: Command, store: Path) -> None:
    shown = command("trend", store, *ASKED)
    assert shown.code == 0, shown.err
    assert "draft to final, 3 groups; 90 documents, paired" in shown.out
    assert "▁▄█" in shown.out
    assert "draft 0%, second 33%, final 83%" in shown.out
    assert "onion" in shown.out
    assert "[[" in shown.out


def test_what_lengths_may_explain_is_told_apart(command: Command, store: Path) -> None:
    """An onion makes every text as much longer."""
    shown = command("trend", store, *ASKED[:-1])
    assert "0 findings" in shown.out
    told = shown.out.split("Also rising or falling, but not significant after length adjustment")[1]
    assert "▁▄█" in told


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_the_table_fits(
    command: Command, store: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = command("trend", store, *ASKED)
    monkeypatch.undo()
    assert max(map(len, shown.out.splitlines())) <= columns


def test_one_object_with_the_promised_names(command: Command, store: Path) -> None:
    shown = command("trend", store, *ASKED, "--json")
    assert shown.err == ""
    found = shown.json
    assert set(found) >= SHARED | {"findings", "groups", "group_sizes", "n_tested"}
    assert (found["analysis"], found["groups"]) == ("trend", list(SHARES))
    assert found["findings"]
    for finding in found["findings"]:
        assert set(finding) >= OF_A_FINDING
        assert list(finding["rates"]) == list(SHARES)
        for entry in finding["evidence"]:
            assert set(entry) == {"id", "text", "side", "spans", "strength"}
            assert entry["side"] in SHARES


def test_the_command_answers_what_the_function_answers(command: Command, store: Path) -> None:
    found = cs.trend(cs.open_store(store), by="draft", order=list(SHARES), pair="recipe",
                     adjust=False)  # fmt: skip
    asked = command("trend", store, *ASKED, "--json").json
    assert asked["findings"] == json.loads(json.dumps(found.to_json()["findings"]))


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        (("--no-adjust", "--no-words"), {"adjust": False, "words": False}),
        (("--no-features", "--min-support", "7"), {"features": False, "min_support": 7}),
        (("--q", "0.2", "--evidence", "1"), {"q": 0.2, "evidence": 1}),
        (("--max-findings", "1", "--seed", "3"), {"max_findings": 1, "seed": 3}),
        (("--max-groups", "5", "--strata", "draft"), {"max_groups": 5, "strata": ["draft"]}),
    ],
)
def test_every_option_reaches_the_analysis(
    command: Command, store: Path, options: tuple[str, ...], parameters: dict[str, object]
) -> None:
    found = command("trend", store, "--by", "year", *options, "--no-rename", "--json").json
    assert parameters.items() <= found["parameters"].items()
    assert found["parameters"]["order"] == ["2020", "2021", "2022"]


def test_a_picture_is_drawn(command: Command, store: Path, tmp_path: Path) -> None:
    assert command("trend", store, *ASKED, "--plot", tmp_path / "t.svg").code == 0
    assert (tmp_path / "t.svg").stat().st_size > 1000


def test_nothing_that_changes_is_said_with_what_could_have_been_found(
    command: Command, store: Path
) -> None:
    shown = command("trend", store, "--by", "day")
    assert shown.code == 0
    assert "0 findings" in shown.out
    assert "No significant trend." in shown.out
    assert "were binned into 4 groups" in shown.err


def test_an_order_that_is_not_clear_is_asked_for(command: Command, store: Path) -> None:
    shown = command("trend", store, "--by", "draft")
    assert shown.code == 2
    assert "the order of the column 'draft' is ambiguous" in shown.err
    assert "list all groups from first to last, as order" in shown.err


def test_times_are_put_together_as_asked(command: Command, store: Path) -> None:
    shown = command("trend", store, "--by", "year", "--every", "year", "--no-adjust")
    assert shown.code == 0, shown.err
    assert "2020 to 2022, 3 groups" in shown.out
    refused = command("trend", store, "--by", "year", "--every", "fortnight")
    assert refused.code == 2
    assert "every is 'fortnight'" in refused.err

import json
import re
from pathlib import Path

import pytest

import corpuscope as cs
from tests.cli.conftest import Command, Extract, lines

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}
OF_A_FINDING = {
    "feature_a", "feature_b", "label_a", "label_b", "rate_a", "rate_b", "rate_both", "npmi",
    "interval", "p_value", "q_value", "label_similarity", "unexpected", "evidence",
}  # fmt: skip


OTHERS = ("The dog sat!", "A cat was a question.", "Dogs sleep.", "The answer was one of two.")
MIDDLES = ["Fry the onion! The cat sat on the mat."] + [
    f"{OTHERS[i % 4]} {OTHERS[(i + 1) % 4]}" for i in range(8)
]


@pytest.fixture
def store(extract: Extract, tmp_path: Path) -> Path:
    """Onions and mats travel together, but not in one sentence."""
    rows = [
        {
            "id": f"d{i:03d}",
            "kind": "even" if i % 2 else "odd",
            "text": f"Dogs asked {i}. {MIDDLES[i % 9]} Dogs sleep. The question was {i % 5}.",
        }
        for i in range(300)
    ]
    file = lines(tmp_path / "kitchen.jsonl", rows)
    assert extract(file, "--into", tmp_path / "kitchen.scope").code == 0
    return tmp_path / "kitchen.scope"


ASKED = ("--words", "--no-rename")


def answer_all(folder: Path) -> None:
    """Answer all requests in a folder: texts of an even length have every property."""
    lines = []
    for path in folder.glob("requests-*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            asked = json.loads(line)
            form = asked["body"]["response_format"]["json_schema"]["schema"]["properties"]
            is_even = len(asked["body"]["messages"][1]["content"]) % 2 == 0
            answer = {name: one["enum"][1 - is_even] if "enum" in one else ""
                      for name, one in form.items()}  # fmt: skip
            lines.append(json.dumps({"custom_id": asked["custom_id"], "answer": answer}))
    number = len(list(folder.glob("answers*")))
    (folder / f"answers-{number}.jsonl").write_text("\n".join(lines), "utf-8")


def test_pairs_are_shown_with_texts(command: Command, store: Path) -> None:
    shown = command("correlate", store, *ASKED)
    assert shown.code == 0, shown.err
    assert "300 documents" in shown.out
    assert "[[" in shown.out.split("\n1  ")[2]


def test_one_object_with_the_promised_names(command: Command, store: Path) -> None:
    shown = command("correlate", store, *ASKED, "--json", "--by", "kind")
    assert shown.err == ""
    found = shown.json
    assert set(found) >= SHARED | {"findings", "n_possible", "n_reaching"}
    assert found["analysis"] == "correlate"
    assert found["findings"]
    for finding in found["findings"]:
        assert set(finding) >= OF_A_FINDING
        assert set(finding["groups"]) == {"even", "odd"}
        for entry in finding["evidence"]:
            assert set(entry) == {"id", "text", "side", "spans", "strength"}


def test_the_command_answers_what_the_function_answers(command: Command, store: Path) -> None:
    found = cs.correlate(
        cs.open_store(store), settings=cs.CorrelateSettings(words=True, rename=False)
    )
    asked = command("correlate", store, *ASKED, "--json").json
    assert asked["findings"] == json.loads(json.dumps(found.to_json()["findings"]))


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        (("--min-npmi", "0.5"), {"min_npmi": 0.5}),
        (("--min-support", "7"), {"min_support": 7}),
        (("--unexpected-below", "0.5"), {"unexpected_below": 0.5}),
        (("--strata", "kind"), {"strata": ["kind"]}),
        (("--one-per", "kind"), None),
        (("--q", "0.2", "--seed", "3"), {"q": 0.2, "seed": 3}),
        (("--max-findings", "1"), {"max_findings": 1}),
    ],
)
def test_options_reach_the_function(
    options: tuple[str, ...], parameters: dict[str, object] | None, command: Command, store: Path
) -> None:
    shown = command("correlate", store, *ASKED, *options, "--json")
    if parameters is None:
        assert shown.code == 2
        assert "2 documents with distinct texts" in shown.err
    else:
        asked = shown.json["parameters"]
        assert {name: asked[name] for name in parameters} == parameters


def test_two_stores_and_a_plot(command: Command, store: Path, tmp_path: Path) -> None:
    shown = command("correlate", store, store, *ASKED, "--plot", tmp_path / "p.svg")
    assert shown.code == 0, shown.err
    assert (tmp_path / "p.svg").stat().st_size > 1000


def test_what_cannot_be_is_told(command: Command, store: Path) -> None:
    shown = command("correlate", store, "--min-npmi", 2)
    assert shown.code == 2
    assert "min_npmi is 2" in shown.err


def test_large_parts_are_held_and_what_is_left_in_them_is_shown(
    command: Command, store: Path
) -> None:
    shown = command("correlate", store, *ASKED, "--within", "kind")
    assert shown.code == 0, shown.err
    assert "in parts" in shown.out
    found = command("correlate", store, *ASKED, "--within", "kind", "--json").json
    assert found["n_parts"] == 2
    assert all(one["lift_within"] > 0 for one in found["findings"])
    alone = command("correlate", store, *ASKED, "--no-parts")
    assert "in parts" not in alone.out


def test_verifying_sends_whole_texts_and_says_so(
    command: Command, store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "questions"
    asked = (*ASKED, "--verify", 1, "--llm-batch", folder)
    shown = command("correlate", store, *asked, "--dry-run")
    assert "--verify 1 sends whole texts" in shown.err
    assert "The first request to verify pairs:" in shown.err
    assert "The text contains this: " in shown.err
    assert not folder.exists()
    plain = command("correlate", store, *ASKED, "--llm-batch", folder, "--dry-run")
    assert "whole texts" not in plain.err
    alone = command("correlate", store, *ASKED, "--verify", 1)
    assert alone.code == 2
    assert "--verify 1 without a language model" in alone.err


def test_verified_pairs_are_shown_under_their_number(
    command: Command, store: Path, tmp_path: Path
) -> None:
    found = cs.correlate(
        cs.open_store(store), settings=cs.CorrelateSettings(words=True, rename=False)
    )
    folder = tmp_path / "questions"
    asked = (*ASKED, "--verify", 1, "--llm-batch", folder, "--yes")
    for _ in range(3):
        shown = command("correlate", store, *asked)
        if shown.out:
            break
        assert "wait for answers" in shown.err
        answer_all(folder)
    assert shown.code == 0, shown.err
    assert re.search(r"^1 +(confirmed|undecided|too few|refuted) ", shown.out, re.M)
    assert "judged: share of all documents" in shown.out
    assert len(found) > 1
    told = command("correlate", store, *asked, "--json").json
    assert [bool(one) for one in told["verifications"]][:2] == [True, False]

from dataclasses import replace
from pathlib import Path

import pytest

import corpuscope as cs
from corpuscope.cli.render import diff as render
from tests.cli.conftest import Command, Extract, counted, lines

SHARED = {"analysis", "version", "store", "parameters", "n_documents", "warnings"}
OF_A_FINDING = {
    "feature", "kind", "label", "members", "rate_target", "rate_reference", "difference",
    "interval", "adjusted_difference", "adjusted_interval", "p_value", "q_value", "n_target",
    "n_reference", "replicated", "evidence",
}  # fmt: skip
ASKED = ("--by", "version", "--target", "v2", "--pair", "question_id")


def test_diff_shows_findings_with_texts_and_marks_the_characters(
    command: Command, store: Path
) -> None:
    shown = command("diff", store, *ASKED)
    assert shown.code == 0
    assert "v2 vs. v1; 60 documents, paired" in shown.out
    assert "[[Fry]] the onion!" in shown.out
    assert "[[Dogs]] sleep." in shown.out


def test_diff_gives_one_object_with_the_promised_names(command: Command, store: Path) -> None:
    shown = command("diff", store, *ASKED, "--json")
    assert shown.err == ""
    found = shown.json
    assert set(found) >= SHARED | {"findings"}
    assert (found["analysis"], found["n_documents"]) == ("diff", 60)
    assert found["parameters"]["pair"] == "question_id"
    for finding in found["findings"]:
        assert set(finding) >= OF_A_FINDING
        assert len(finding["interval"]) == len(finding["adjusted_interval"]) == 2
        for entry in finding["evidence"]:
            assert set(entry) == {"id", "text", "side", "spans", "strength"}


def test_the_command_answers_what_the_function_answers(command: Command, store: Path) -> None:
    found = cs.diff(cs.open_store(store), by="version", target="v2", pair="question_id")
    asked = command("diff", store, *ASKED, "--json").json
    assert asked["findings"] == found.to_json()["findings"]


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        (("--no-adjust",), {"adjust": False}),
        (("--no-words",), {"words": False}),
        (("--no-features",), {"features": False}),
        (("--min-support", "7"), {"min_support": 7}),
        (("--q", "0.2"), {"q": 0.2}),
        (("--evidence", "1"), {"evidence": 1}),
        (("--max-findings", "1"), {"max_findings": 1}),
        (("--seed", "3"), {"seed": 3}),
        (("--reference", "v1"), {"reference": ["v1"]}),
        (("--strata", "question_id"), {"strata": ["question_id"]}),
    ],
)
def test_every_option_reaches_the_analysis(
    command: Command, store: Path, options: tuple[str, ...], parameters: dict[str, object]
) -> None:
    found = command("diff", store, "--by", "version", "--target", "v2", *options, "--json").json
    assert parameters.items() <= found["parameters"].items()


def test_two_stores_are_compared_with_each_other(
    command: Command, extract: Extract, store: Path, tmp_path: Path
) -> None:
    rows = [{"text": f"Why do cats sleep so much {counted(n)}?"} for n in range(30)]
    extract(lines(tmp_path / "b.jsonl", rows), "--into", tmp_path / "b.scope")
    found = command("diff", store, tmp_path / "b.scope", "--target", "b.scope", "--json").json
    assert (found["target"], found["references"]) == ("b.scope", ["answers.scope"])


def test_diff_draws_a_picture(command: Command, store: Path, tmp_path: Path) -> None:
    for name in ("found.png", "found.SVG"):
        assert command("diff", store, *ASKED, "--plot", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 1000


def test_nothing_that_differs_is_said_with_what_could_have_been_found(
    command: Command, extract: Extract, tmp_path: Path
) -> None:
    rows = [{"text": f"The cat sat {i // 2}.", "half": "ab"[i % 2]} for i in range(80)]
    extract(lines(tmp_path / "a.jsonl", rows), "--into", tmp_path / "s")
    shown = command("diff", tmp_path / "s", "--by", "half")
    assert shown.code == 0
    assert "0 findings" in shown.out
    assert "No significant difference." in shown.out
    assert "note: no target was named" in shown.err


def test_info_says_what_a_store_holds(command: Command, store: Path) -> None:
    shown = command("info", store)
    assert "60 documents, 36 features" in shown.out
    found = command("info", store, "--json").json
    assert set(found) >= SHARED
    assert (found["analysis"], found["n_documents"]) == ("info", 60)


def long_labels(store: Path) -> cs.DiffResult:
    """Findings whose names are long, odd and dangerous to a terminal."""
    found = cs.diff(cs.open_store(store), by="version", target="v2", pair="question_id")
    labels = (
        'near "accommodation", "reservation", in few words, question: hotel, room, breakfast',
        "[bold]not markup[/nothing] \x1b[31m \u202e 😀 שלום 雪雪雪雪雪雪",
    )
    named = zip(found.candidates, labels, strict=False)
    candidates = tuple(replace(one, label=label) for one, label in named)
    return replace(found, candidates=candidates)


@pytest.mark.parametrize("columns", [80, 100, 120, 200])
def test_the_table_fits_and_numbers_stay_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, store: Path, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    render.show(long_labels(store), as_json=False, n_evidence=1)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= columns
    head, first = (line for line in out.splitlines() if "difference" in line or "+100" in line)
    assert float(first.split()[-1]) < 1e-6
    assert head.split()[-1] == "q"
    assert ("95 %" in head) == (columns >= 110)


def test_texts_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str], store: Path) -> None:
    render.show(long_labels(store), as_json=False, n_evidence=1)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]not" in out


def test_colours_are_used_on_a_terminal_unless_no_color_is_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    render.show(long_labels(store), as_json=False, n_evidence=1)
    assert "\x1b[32m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    render.show(long_labels(store), as_json=False, n_evidence=1)
    assert "\x1b[32m" not in capsys.readouterr().out

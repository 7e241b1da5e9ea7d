"""`corpuscope claims`: by a server, by files that anyone answers, or stated alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.claiming.worlds import Reader, behaviour, store
from tests.cli.conftest import Command
from tests.llm.sheets.worlds import fill
from tests.llm.worlds import error, serving


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("claims") / "planted.scope").path


PAIRED = ("--by", "model", "--target", "new", "--pair", "prompt")


def answered(folder: Path, reader: Reader) -> int:
    """Answer all requests in a folder as plain lines; how many there were."""
    lines = []
    for path in sorted(folder.glob("requests-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            asked = json.loads(line)
            system, user = (one["content"] for one in asked["body"]["messages"])
            answer = reader.answer(system, user)
            lines.append(json.dumps({"custom_id": asked["custom_id"], "answer": answer}))
    number = len(list(folder.glob("answers*")))
    (folder / f"answers-{number}.jsonl").write_text("\n".join(lines), "utf-8")
    return len(lines)


def without_bill(text: str) -> Any:
    value = json.loads(text)
    return value | {"receipt": None}


def test_a_server_states_and_reads(
    command: Command, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(behaviour(Reader())) as server:
        asked = ("claims", str(planted), *PAIRED, "--llm", "tiny", "--llm-url", server.url)
        shown = command(*asked)
        assert shown.code == 0, shown.err
        assert "2 of 2 claims hold" in shown.out
        assert "133 pairs set aside were read" in shown.out
        assert "names the side of a planted sentence in 60 of 60 pairs" in shown.out
        assert f"Texts go to tiny at {server.url}" in shown.err
        n_calls = server.n_calls
        assert f"{n_calls:,} calls" in shown.out.replace("\n", " ")
        again = command(*asked, "--json")
        assert server.n_calls == n_calls
        assert again.json["receipt"]["calls"] == 0


def test_files_give_what_a_server_gives(
    command: Command, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(behaviour(Reader())) as server:
        asked = ("claims", str(planted), *PAIRED, "--llm", "tiny", "--llm-url", server.url)
        live = command(*asked, "--json")
    folder = tmp_path / "batch"
    asked = ("claims", str(planted), *PAIRED, "--llm-batch", str(folder), "--json")
    n_rounds = 0
    while True:
        shown = command(*asked)
        assert shown.code == 0, shown.err
        if shown.out:
            break
        assert "wait for answers" in shown.err
        assert answered(folder, Reader())
        n_rounds += 1
    assert n_rounds == 3  # State, merge, verify.
    assert without_bill(shown.out) == without_bill(live.out)


def test_stating_alone_reads_nothing(command: Command, planted: Path) -> None:
    shown = command("claims", str(planted), *PAIRED)
    assert shown.code == 0
    assert "not read" in shown.out
    assert "no language model was named" in shown.err


def test_a_dry_run_sends_nothing(command: Command, planted: Path) -> None:
    with serving(behaviour(Reader())) as server:
        shown = command(
            "claims", str(planted), *PAIRED, "--llm", "tiny", "--llm-url", server.url, "--dry-run"
        )  # fmt: skip
        assert (shown.code, shown.out) == (0, "")
        assert server.n_calls == 0
    assert "The first request to state" in shown.err
    assert "characters would be" in shown.err


def test_a_wrong_key_stops_at_once(
    command: Command, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(lambda _body, _call: error(401, "no such key")) as server:
        shown = command("claims", str(planted), *PAIRED, "--llm", "tiny", "--llm-url", server.url)
        assert shown.code == 2
        assert server.n_calls <= 4
    assert "no such key" in shown.err


def test_a_budget_is_not_exceeded(
    command: Command, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(behaviour(Reader())) as server:
        shown = command(
            "claims", str(planted), *PAIRED, "--llm", "tiny", "--llm-url", server.url,
            "--budget-tokens", "150000", "--json",
        )  # fmt: skip
    assert shown.code == 0
    receipt = shown.json["receipt"]
    assert receipt["stopped_by_budget"]
    assert receipt["tokens_in"] + receipt["tokens_out"] <= 150_000


def test_mistakes_are_told_before_anything_is_read(command: Command, planted: Path) -> None:
    for options, part in (
        (("--by", "modle"), "no metadata column 'modle'"),
        ((*PAIRED, "--prompt", "ask"), "no metadata column 'ask'"),
        ((*PAIRED, "--dry-run"), "--dry-run without a language model"),
    ):
        shown = command("claims", str(planted), *options)
        assert shown.code == 2
        assert part in shown.err


def test_a_plot_is_saved(command: Command, planted: Path, tmp_path: Path) -> None:
    shown = command("claims", str(planted), *PAIRED, "--plot", str(tmp_path / "claims.png"))
    assert shown.code == 0, shown.err
    assert (tmp_path / "claims.png").stat().st_size > 5_000


def test_the_demo_shows_recorded_claims(command: Command) -> None:
    shown = command("demo", "--claims")
    assert shown.code == 0
    assert "10 of 10 claims agree" in shown.out
    assert "answered by a large language model, through the batch file" in " ".join(
        shown.out.split()
    )
    assert "Nothing is sent now" in " ".join(shown.err.split())


def test_people_judge_claims_in_a_sheet(command: Command, planted: Path, tmp_path: Path) -> None:
    """What a reader says of each row gives what the same reader says to a server."""
    asked = (
        "claims", str(planted), *PAIRED, "--words", "--n", "100", "--planted", "0", "--no-checks",
        "--json",
    )  # fmt: skip
    waits = command(*asked, "--llm-batch", str(tmp_path), "--sheet")
    assert "for people they are in" in waits.err
    fill(tmp_path / "sheet-1.csv", _as_read)
    shown = command(*asked, "--llm-batch", str(tmp_path))
    assert shown.code == 0, shown.err
    assert shown.json["receipt"]["models"] == {"a person": shown.json["receipt"]["calls"]}
    assert [one["outcome"] for one in shown.json["claims"]].count("not_read") == 0


def _as_read(row: Mapping[str, str]) -> dict[str, str]:
    word = "certainly" if "certainty" in row["question"] else "perhaps"
    first, second = (word in row[name] for name in ("first text", "second text"))
    if first == second:
        return {"answer": "both" if first else "neither"}
    return {"answer": "first" if first else "second"}

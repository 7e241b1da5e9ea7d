import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from corpuscope.analyses.describe.describe_store import describe_store
from corpuscope.analyses.describe.stores.proposals import Proposal
from corpuscope.analyses.trend.order import ordered_values
from corpuscope.store.store import Store
from tests.store.worlds import record, write
from tools.cli_page import COMMANDS

Values = Mapping[str, Any]


def proposed(path: Path, values: Sequence[Values]) -> list[Proposal]:
    records = [record(f"d{row}", metadata=one) for row, one in enumerate(values)]
    return list(describe_store(write(path, records)).proposals)


def parameters(found: Sequence[Proposal], question: str) -> list[dict[str, Any]]:
    return [dict(one.parameters) for one in found if one.question == question]


def test_pairs_are_found_and_ask_for_a_paired_difference(pairs: Store) -> None:
    found = describe_store(pairs).proposals
    assert [(one.question, dict(one.parameters)) for one in found] == [
        ("diff", {"by": "version", "target": "v2", "pair": "pair"}),
        ("trend", {"by": "year"}),
        ("correlate", {"one_per": "pair"}),
        ("probe", {"label": "version", "group": "pair"}),
        ("audit", {"label": "version", "group": "pair"}),
    ]
    assert found[0].asks == "What does v2 do that v1 did not?"
    assert found[0].because == "each pair is once in each version"


def test_a_skipped_answer_does_not_hide_pairs_and_a_repeated_one_does(tmp_path: Path) -> None:
    rows = [{"k": f"q{i}", "m": m} for i in range(20) for m in ("a", "b")]
    (lost,) = parameters(proposed(tmp_path / "a", rows[1:]), "diff")
    assert lost["pair"] == "k"
    (twice,) = parameters(proposed(tmp_path / "b", [*rows, rows[0]]), "diff")
    assert "pair" not in twice


def test_many_classes_ask_about_the_largest(tmp_path: Path) -> None:
    rows = [{"m": m} for m in "aaabbbbbc" * 11]
    (one,) = parameters(proposed(tmp_path / "s", rows), "diff")
    assert one == {"by": "m", "target": "b"}


@pytest.mark.parametrize(
    "values",
    [["a"] * 40, [str(i) for i in range(40)], ["a"] * 35 + ["b"] * 5, [f"k{i}" for i in range(21)]],
)
def test_what_is_no_column_of_classes_asks_for_no_difference(
    tmp_path: Path, values: list[str]
) -> None:
    found = proposed(tmp_path / "s", [{"m": value} for value in values])
    assert {one.question for one in found} <= {"correlate", "trend"}


ORDERED = [
    [2019, 2020, 2021], [0.5, 1.5, 2.5, 7.25], ["2024-01", "2024-02", "2024-03"],
    ["2024-05-31", "2023-01-02", "2024-05-30"], ["v1", "v2", "v10"],
    ["2024-05-31T10:00:00", "2024-05-31T11:30:00", "2024-06-01T00:00:00"],
]  # fmt: skip


@pytest.mark.parametrize("values", ORDERED)
def test_what_has_an_order_asks_for_a_trend_that_understands_it(
    tmp_path: Path, values: list[Any]
) -> None:
    found = proposed(tmp_path / "s", [{"t": value} for value in values * 5])
    assert parameters(found, "trend") == [{"by": "t"}]
    assert ordered_values({str(value): value for value in values}, by="t").names


@pytest.mark.parametrize(
    "values",
    [["low", "middle", "high"], ["a1", "b2", "c3"], [1, 2], ["v1", "v2"], [True, False, True],
     ["31/12/2024", "30/12/2024", "29/12/2024"]],
)  # fmt: skip
def test_what_has_no_plain_order_asks_for_none(tmp_path: Path, values: list[Any]) -> None:
    found = proposed(tmp_path / "s", [{"t": value} for value in values * 5])
    assert parameters(found, "trend") == []


def test_a_counter_of_the_documents_is_no_order(tmp_path: Path) -> None:
    assert parameters(proposed(tmp_path / "s", [{"n": i} for i in range(30)]), "trend") == []


def test_commands_are_understood_whatever_columns_and_values_are_called(tmp_path: Path) -> None:
    rows = [
        {"<b> it's; rm -rf": value, "--pair": f"$(x) {i}\n"}
        for i in range(12)
        for value in ('a "b"', "-c")
    ]
    found = proposed(tmp_path / "a store", rows)
    assert {one.question for one in found} == {"diff", "correlate", "probe", "audit"}
    for one in found:
        program, command, *arguments = shlex.split(one.command)
        assert program == "corpuscope"
        with COMMANDS[command].make_context(command, arguments) as context:
            given = context.params
        for name, value in one.parameters.items():
            assert given[name] == value

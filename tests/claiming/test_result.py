"""The answer as a table, as JSON, and as a plot."""

import json
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

from corpuscope.claiming.analysis import claims
from corpuscope.claiming.claim import OUTCOMES
from corpuscope.claiming.result import ClaimsResult
from tests.claiming.worlds import llm, store


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ClaimsResult:
    made = store(tmp_path_factory.mktemp("result") / "planted.scope")
    return claims(made, by="model", target="new", pair="prompt", llm=llm())


def test_a_table_has_a_row_for_each_claim(found: ClaimsResult) -> None:
    table = found.to_frame()
    assert len(table) == len(found) == 2
    assert table["lower"].lt(table["difference"]).all()
    assert set(table["outcome"]) <= set(OUTCOMES)


def test_the_share_borne_out_has_an_exact_interval(found: ClaimsResult) -> None:
    share, (lower, upper) = found.share_borne_out
    assert (share, upper) == (1.0, 1.0)
    assert lower == pytest.approx(0.025**0.5)


def test_json_names_who_answered_and_what_it_took(found: ClaimsResult) -> None:
    value = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert value["analysis"] == "claims"
    assert value["receipt"]["models"]
    assert value["judge"]["planted_pairs"]["right"] > 0
    quote = value["claims"][0]["quotes"][0]
    assert quote["end"] - quote["start"] == len(quote["passage"])
    assert value["parameters"]["pair"] == "prompt"


def test_the_plot_has_a_row_for_each_claim(found: ClaimsResult, tmp_path: Path) -> None:
    axes = found.plot()
    assert len(axes.get_yticks()) == 2
    axes.figure.savefig(tmp_path / "claims.png")  # type: ignore[union-attr]
    _, given = plt.subplots()
    assert found.plot(ax=given) is given


def test_no_claims_are_plotted_as_none(found: ClaimsResult) -> None:
    from dataclasses import replace

    axes = replace(found, claims=()).plot()
    assert any("no claims" in text.get_text() for text in axes.texts)

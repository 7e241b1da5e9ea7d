"""Claims stated by reading pairs alone end in the same kind of statements."""

from typing import Any

from corpuscope.claiming.stating.pairs_read import (
    Difference,
    clustered,
    contrasted,
    listed,
    listing_requests,
    summed_up,
)
from corpuscope.claiming.stating.state import drawn_sides
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request

PAIRS = [(f"target {i}: sorry", f"reference {i}") for i in range(12)]
PROMPTS = [None] * 12


def reader(request: Request) -> Any:
    """Lists what the text with an apology has; states it of whatever it is shown."""
    if request.purpose == "list differences":
        first = request.user.split("Second text:")[0]
        has = "first" if "sorry" in first else "second"
        return {"differences": [
            {"has": has, "sentence": "The text apologises", "other": "The text does not apologise"},
        ]}  # fmt: skip
    claim = {
        "sentence": "The text apologises", "negation": "It does not", "kind": "presence",
        "place": "sentence",
    }  # fmt: skip
    if request.purpose == "sum up":
        group = request.user.split("\n")[2][0]
        return {"claims": [claim | {"group": group}] * 3}
    return claim


def llm() -> LLM:
    return LLM(Function(reader, "reader"))


def differences() -> list[Difference]:
    return listed(PAIRS, PROMPTS, llm(), seed=0)


def test_texts_are_shown_in_a_random_order_and_sides_are_found_again() -> None:
    turned = [is_turned for is_turned, _ in listing_requests(PAIRS, PROMPTS, seed=0)]
    assert set(turned) == {True, False}
    found = differences()
    assert {one.side for one in found} == {"target"}
    assert [one.pair for one in found] == list(range(12))
    assert found[0].sentence == "The text apologises."


def test_all_lists_become_claims_at_once() -> None:
    found = summed_up(differences(), llm(), drawn_sides(0), n=2)
    assert [(one.sentence, one.side) for one in found] == [("The text apologises.", "target")] * 2


def test_clusters_of_one_side_become_claims() -> None:
    others = [Difference(i, "reference", "The text counts its steps.", "It does not.")
              for i in range(12)]  # fmt: skip
    both = [*differences(), *others]
    assert {one.side for one in clustered(both, llm(), n=2)} == {"target", "reference"}
    assert {one.side for one in contrasted(both, llm(), n_pairs=12)} == {"target", "reference"}


def test_small_or_mixed_clusters_do_not() -> None:
    one = differences()[:1]
    assert contrasted([*one, *one], llm(), n_pairs=100) == []
    same = [
        Difference(i, "reference", "The text apologises.", "The text does not apologise.")
        for i in range(12)
    ]
    mixed = [*differences(), *same]
    assert contrasted(mixed, llm(), n_pairs=12) == []


def test_no_answer_is_no_claim() -> None:
    silent = LLM(Function(lambda _: None, "silent"))
    assert listed(PAIRS, PROMPTS, silent, seed=0) == []
    assert summed_up(differences(), silent, drawn_sides(0), n=3) == []
    assert clustered(differences(), silent, n=1) == []

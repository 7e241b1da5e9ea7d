"""Whoever states claims sees passages and hints, and neither numbers nor names of groups."""

from corpuscope.claiming.stating.prompts import (
    document_names,
    material_in_words,
    merging_request,
    repair_request,
    stating_request,
)
from tests.claiming.worlds import shown

SIDES = {"target": "B", "reference": "A"}
FINDINGS = [shown(), shown(side="reference", label="doubt", row=2, text="Well,\nI doubt it.")]


def test_the_material_names_letters_and_documents_by_order() -> None:
    words = material_in_words(FINDINGS, SIDES)  # type: ignore[arg-type]
    assert words.splitlines() == [
        "F1, in B much more often. Hints: certainty",
        "  B, D1: I ‹certainly› do.",
        "  A, D2, without it: I do not.",
        "F2, in A much more often. Hints: doubt",
        "  A, D3: ‹W›ell, ⏎ I doubt it.",
        "  B, D4, without it: I do not.",
    ]
    assert document_names(FINDINGS) == {0: "D1", 1: "D2", 2: "D3", 3: "D4"}
    assert "0.3" not in words
    assert "d0" not in words


def test_documents_are_fenced_in_each_request() -> None:
    asked = stating_request(FINDINGS, SIDES, n=3, is_paired=True)  # type: ignore[arg-type]
    assert "<<<" in asked.user
    assert "never an instruction" in asked.system
    again = repair_request(asked, '{"claims": []}', ["sentence 1: it is empty"])
    assert again.user.startswith(asked.user)
    assert "it is empty" in again.user


def test_claims_of_degree_are_asked_for_only_where_pairs_are_read() -> None:
    for is_paired in (True, False):
        asked = stating_request(FINDINGS, SIDES, n=3, is_paired=is_paired)  # type: ignore[arg-type]
        kinds = asked.schema.json["properties"]["claims"]["items"]["properties"]["kind"]["enum"]
        assert ("degree" in kinds) == is_paired


def test_sentences_are_compared_by_number() -> None:
    asked = merging_request(["It is.", "It was."])
    assert "1. It is.\n2. It was." in asked.user

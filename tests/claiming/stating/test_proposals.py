"""What was proposed is checked: findings, sides, quotations."""

from typing import Any

from corpuscope.claiming.stating.proposals import Proposals, read_proposals
from tests.claiming.worlds import shown

SIDES = {"target": "A", "reference": "B"}
FINDINGS = [
    shown(),
    shown(side="reference", label="doubt", row=2, text="I doubt it."),
    shown(label="assurance", row=4, text="Be sure, I certainly will."),
]


def claim(**changes: Any) -> dict[str, Any]:
    return {
        "sentence": "The text assures the reader", "negation": "It does not.", "group": "A",
        "kind": "presence", "place": "sentence", "findings": ["F1", "F3"],
        "quotes": [{"document": "D1", "quote": "I certainly do"}],
    } | changes  # fmt: skip


def read(
    claims: list[dict[str, Any]], left_over: tuple[tuple[str, str], ...] = (("F2", "unclear"),)
) -> Proposals:
    value = {
        "reason": "", "claims": claims,
        "left_over": [{"finding": name, "why": why} for name, why in left_over],
    }  # fmt: skip
    return read_proposals(value, FINDINGS, SIDES, n=2, group_names=["new", "old"])  # type: ignore[arg-type]


def test_a_proposal_without_faults_becomes_a_statement() -> None:
    found = read([claim()])
    (one,) = found.statements
    assert found.faults == ()
    assert (one.sentence, one.side, one.has_place) == (
        "The text assures the reader.",
        "target",
        True,
    )
    assert one.findings == (0, 2)
    (quote,) = one.quotes
    assert (quote.row, quote.id, quote.passage) == (0, "d0", "I certainly do")
    assert [(one.what, one.why) for one in found.dropped] == [("doubt", "unclear")]


def test_faults_are_told_and_the_sentence_is_dropped() -> None:
    for changes, part in (
        ({"findings": ["F1", "F9"]}, "no finding 'F9'"),
        ({"findings": []}, "names no finding"),
        ({"findings": ["F1", "F2"]}, "F2 is more frequent in the other group"),
        ({"group": "B"}, "F1, F3 is more frequent in the other group"),
        ({"quotes": [{"document": "D9", "quote": "x"}]}, "no document 'D9'"),
        ({"quotes": [{"document": "D1", "quote": "I surely do"}]}, "are not in D1"),
        ({"quotes": []}, "has no quotation"),
        ({"sentence": "The new text assures."}, "names the group"),
    ):
        found = read([claim(**changes)])
        assert found.statements == (), changes
        assert any(part in one for one in found.faults), (changes, found.faults)


def test_every_finding_is_accounted_for() -> None:
    found = read([claim(findings=["F1"])])
    assert any(one.startswith("F3: neither") for one in found.faults)
    assert ("assurance", "not mentioned") in [(one.what, one.why) for one in found.dropped]
    assert found.statements  # What is right stays.


def test_too_many_sentences_are_a_fault() -> None:
    found = read([claim(), claim(sentence="The text is sure."), claim(sentence="The text agrees.")])
    assert len(found.statements) == 2
    assert any("more than 2 sentences" in one for one in found.faults)

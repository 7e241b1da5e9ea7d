"""The recorded claims of the demo are true to its texts and to its answer key."""

from collections import Counter

import pytest

from corpuscope.claiming.from_json import claims_from_json
from corpuscope.demo import PROPERTIES, demo_claims, demo_corpus

# The property of the key that each recorded claim is about, where there is one.
ABOUT = {
    "get back in touch": "invitation",
    "word of uncertainty": "hedging",
    "the writer's own feelings": "warmth",
    "stated rule": "policy",
    "brief apology": "apology",
    "numbered list": "steps",
}


def test_every_quotation_is_in_its_document_to_the_character() -> None:
    texts = {document.id: document.text for document in demo_corpus()}
    found = claims_from_json(demo_claims())
    quotes = [quote for claim in found.claims for quote in claim.quotes]
    assert len(quotes) >= 10
    for quote in quotes:
        assert texts[quote.id][quote.start : quote.end] == quote.passage


def test_claims_agree_with_the_key_in_direction_and_rate() -> None:
    counts: dict[str, Counter[str]] = {"v1": Counter(), "v2": Counter()}
    for document in demo_corpus():
        has = [name for name in PROPERTIES if name in str(document.metadata["properties"])]
        counts[str(document.metadata["version"])].update(has)
    found = claims_from_json(demo_claims())
    n_about = 0
    for claim in found.claims:
        name = next((name for words, name in ABOUT.items() if words in claim.sentence), None)
        if name is None:
            continue
        n_about += 1
        assert name in PROPERTIES
        assert claim.outcome == "agrees"
        key = {version: counts[version][name] / 152 for version in counts}
        assert (claim.side == "target") == (key["v2"] > key["v1"])
        assert claim.rate_target == pytest.approx(key["v2"], abs=0.1)
        assert claim.rate_reference == pytest.approx(key["v1"], abs=0.1)
    assert n_about == 6


def test_the_record_says_who_answered_and_when() -> None:
    found = claims_from_json(demo_claims())
    assert found.receipt is not None
    (name,) = found.receipt.models
    assert "a large language model" in name
    assert "2026-11-30" in name

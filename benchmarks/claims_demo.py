"""Claims about the demo beside its answer key: `python -m benchmarks.claims_demo`.

Replays what a large language model answered through the batch file (`recorded/`), and compares the
rates that it judged with those of the key.
"""

import gzip
import tempfile
from collections import Counter
from pathlib import Path

import corpuscope as cs
from benchmarks.claims_real import HEADER, about, claims_of
from benchmarks.results import CACHE, record, table
from corpuscope.demo import PROPERTIES, demo_corpus
from corpuscope.llm.batch_file import BatchFolder
from tests.demo.test_demo import ABOUT

_RECORDED = Path(__file__).with_name("recorded") / "demo_claims.jsonl.gz"


def key() -> dict[str, Counter[str]]:
    """How many answers of each version have each property."""
    counts: dict[str, Counter[str]] = {"v1": Counter(), "v2": Counter()}
    for document in demo_corpus():
        has = [name for name in PROPERTIES if name in str(document.metadata["properties"])]
        counts[str(document.metadata["version"])].update(has)
    return counts


def main() -> None:
    """Record the claims, and each beside the key."""
    store = cs.extract(demo_corpus(), into=CACHE / "demo.scope")
    with tempfile.TemporaryDirectory() as place:
        answers = Path(place) / "answers.jsonl"
        answers.write_bytes(gzip.decompress(_RECORDED.read_bytes()))
        found = cs.claims(
            store, by="version", target="v2", pair="question_id",
            llm=cs.LLM(BatchFolder(Path(place))), settings=cs.ClaimSettings(per_call=10),
        )  # fmt: skip
    counts = key()
    beside = []
    for one in found.claims:
        name = next((name for words, name in ABOUT.items() if words in one.sentence), None)
        if name is not None:
            truth = [counts[version][name] / 152 for version in ("v2", "v1")]
            beside.append(
                (name, one.outcome, f"{one.rate_target:.0%} / {one.rate_reference:.0%}",
                 f"{truth[0]:.0%} / {truth[1]:.0%}")
            )  # fmt: skip
    quotes = [quote for one in found.claims for quote in one.quotes]
    texts = {document.id: document.text for document in demo_corpus()}
    verbatim = sum(texts[one.id][one.start : one.end] == one.passage for one in quotes)
    record("Claims about the demo", [
        *about(found),
        f"Quotations: {verbatim} of {len(quotes)} in their document to the character.", "",
        *table(("property of the key", "outcome", "judged v2 / v1", "key v2 / v1"), beside), "",
        *table(HEADER, claims_of(found)),
    ])  # fmt: skip


if __name__ == "__main__":
    main()

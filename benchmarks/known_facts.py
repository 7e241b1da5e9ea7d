"""What the second source found by hand in its prompts: `python -m benchmarks.known_facts`.

Its harmful prompts came from HarmBench and its harmless ones from Alpaca; only the latter asked
questions, and a feature of the question mark told the two apart. Does `audit` say so of the
prompts as they are? Names and rates of features are told, no prompt.
"""

import random

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.read import read_corpus

N_HARMLESS, SHOWN = 800, 10


def prompts() -> list[dict[str, str]]:
    """HarmBench's prompts and some of Alpaca's."""
    found = list(rows("refusal_direction/prompts.jsonl.gz"))
    harmful = [row for row in found if "harmbench" in (row["source"] or "")]
    harmless = [row for row in found if row["source"] == "alpaca"]
    random.Random(0).shuffle(harmless)
    return [
        {"id": row["id"], "text": row["text"], "label": row["label"]}
        for row in [*harmful, *harmless[:N_HARMLESS]]
    ]


def main() -> None:
    """Record the first lines about shortcuts."""
    store = cs.extract(read_corpus(prompts()), into=CACHE / "known-facts.scope", progress=True)
    found = cs.audit(
        store,
        label="label",
        checks=["shortcuts"],
        settings=cs.AuditSettings(evidence=0, max_lines=500),
    )
    body = [
        [number, one.value, one.nature,
         one.label if one.nature in ("form", "length") or one.label.startswith("‹") else
         f"a {'word' if isinstance(one.feature, str) else 'feature'} of content",
         f"{one.rate:.2f}", f"{one.rate_elsewhere:.2f}", f"{one.auroc:.2f}",
         f"{one.context_auroc:.2f}"]
        for number, one in enumerate(found.shortcuts[:SHOWN], 1)
    ]  # fmt: skip
    marks = [n for n, one in enumerate(found.shortcuts, 1) if "question" in
             " ".join((one.label, *one.members)).lower()]  # fmt: skip
    lines = [
        f"{store.n_documents:,} prompts as they are, {SHOWN} lines of "
        f"{found.counts['shortcuts']}. Lines about questions: {marks or 'none'}. Rates, or median "
        "lengths in tokens, of the class and elsewhere; names of content are not told.",
        "",
        *table(["", "class", "nature", "line", "class has", "rest has", "AUROC", "company"], body),
    ]
    record("Known facts: harmful and harmless prompts before they are evened out", lines)


if __name__ == "__main__":
    main()

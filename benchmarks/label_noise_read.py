"""Changed labels read blind: `python -m benchmarks.label_noise_read FOLDER`.

Of 600 documents of each of three corpora, 30 labels are changed (the worlds of
`benchmarks.label_noise --counts`). `audit` lists likely errors, and a reader chooses between the
label and the predicted one, not knowing which is which. FOLDER holds requests and answers of a
batch; what is missing is written there.
"""

import random
import sys
from collections import Counter
from pathlib import Path

import corpuscope as cs
from benchmarks.label_noise import changed, report
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.audit.result import AuditResult
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import AnswersMissing
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM

_N, _SHARE, _MOST_CLASSES = 600, 0.05, 30
_SHOWN = 100


def audited(name: str, texts: list[dict[str, str]]) -> tuple[AuditResult, set[str]]:
    """The audit of a corpus with changed labels, and the ids of the changed."""
    known = [one for one in texts if one["text"].strip()]
    random.Random(1).shuffle(known)
    kept = sorted(Counter(one["label"] for one in known))[:_MOST_CLASSES]
    known = [one for one in known if one["label"] in kept][:_N]
    store = cs.extract(read_corpus(known), into=CACHE / f"counts-{name}.scope", progress=True)
    labels, is_changed = changed(store.column("label").astype(object), _SHARE, 0)
    settings = cs.AuditSettings(max_lines=_SHOWN, rename=False)
    found = cs.audit(store, label=labels, checks=["suspect_labels"], settings=settings)
    return found, set(store.ids[is_changed].astype(str).tolist())


def row_of(name: str, found: AuditResult, changed_ids: set[str]) -> list[object]:
    """How many of the listed are changed, of all and by what the reader said."""
    of = {
        said: [line.id in changed_ids for line in found.suspect_labels if line.said == said]
        for said in ("other", "own", "unclear")
    }
    every = [line.id in changed_ids for line in found.suspect_labels]
    assert found.reading is not None
    return [
        name, f"{sum(every)} of {len(every)}",
        *(f"{sum(one)} of {len(one)}" for one in of.values()),
        f"{found.reading.n_own_of_others} of {found.reading.n_others}",
    ]  # fmt: skip


def main(folder: Path) -> None:
    """Record what reading adds to the list."""
    llm = LLM(BatchFolder(folder))
    worlds = {name: audited(name, texts) for name, texts in report().items()}
    llm.ask([one for found, _ in worlds.values() for one in found.reading_requests()])
    body = [row_of(name, found.read(llm), ids) for name, (found, ids) in worlds.items()]
    header = ["corpus", "listed: changed", "the other label fits", "its own fits", "unclear",
              "others given their own label"]  # fmt: skip
    record("Changed labels read blind", [
        f"{_N} documents each, {_SHARE:.0%} of the labels changed; how many of the documents are "
        f"changed, by what a reader said of them. Read by {', '.join(llm.receipt().models)}.", "",
        *table(header, body),
    ])  # fmt: skip


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except AnswersMissing as error:
        print(error)

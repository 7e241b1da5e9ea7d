"""Names by reading beside names from words: `python -m benchmarks.labels_by_reading FOLDER`.

A hundred leaders of real findings: of the demo, of two models' answers, and of pairs and clusters
of the same. Both names face the same trials: one marked place with the feature among four without,
two of them of the features that accompany it. Then both names are shown side by side, in random
order. FOLDER holds requests and answers of a batch.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

import corpuscope as cs
from benchmarks.claims_real import answers
from benchmarks.results import CACHE, record, table
from corpuscope.errors import AnswersMissing
from corpuscope.labels.by_reading.material import material_of_features
from corpuscope.labels.by_reading.prompts import preference_request
from corpuscope.labels.by_reading.write import label_by_reading
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM
from corpuscope.store.store import Store

_N, _DRAWS = 100, 2_000


def leaders() -> list[tuple[str, Store, list[int]]]:
    """Leaders of findings, for each store: what a person would see."""
    demo = cs.extract(cs.demo_corpus(), into=CACHE / "demo.scope")
    models = answers()
    asked = (
        ("demo", demo, {"by": "version", "target": "v2", "pair": "question_id"}, 30),
        ("models", models, {"by": "model", "target": "claude-2.1", "pair": "prompt_id"}, _N - 30),
    )
    found = []
    for name, store, arguments, n in asked:
        result = cs.diff(store, **arguments)  # type: ignore[arg-type]
        every = [*result.findings, *result.unadjusted.without(result).findings]
        numbers = [one.feature for one in every if isinstance(one.feature, int)]
        found.append((name, store, list(dict.fromkeys(numbers))[:n]))
    return found


def difference(own: npt.NDArray[np.float64]) -> str:
    """A mean with its 95 % interval over features."""
    rng = np.random.default_rng(0)
    means = rng.choice(own, (_DRAWS, len(own))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{own.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def row(name: str, some: pd.DataFrame) -> tuple[object, ...]:
    """Scores of both names and their difference, over features that have both."""
    both = some.dropna(subset=["written_score", "words_score"])
    if both.empty:
        return name, 0, "-", "-", "-"
    gain = np.asarray(both["written_score"] - both["words_score"], dtype=np.float64)
    return (
        name, len(both), f"{both['words_score'].mean():.3f}", f"{both['written_score'].mean():.3f}",
        difference(gain),
    )  # fmt: skip


def preferred(
    llm: LLM, stores: list[tuple[str, Store, list[int]]], whole: pd.DataFrame
) -> list[str]:
    """Which name is preferred, side by side in a random order."""
    asked, orders = [], []
    for name, store, features in stores:
        own = whole[whole["part"] == name].set_index("feature")
        for one in material_of_features(store, features):
            names = [own.at[one.feature, column] for column in ("written", "words")]
            if all(isinstance(each, str) for each in names):
                is_turned = bool(np.random.default_rng([one.feature, 7]).integers(2))
                first, second = names[::-1] if is_turned else names
                asked.append(preference_request(one, first, second))
                orders.append(is_turned)
    counts = {"written": 0, "words": 0, "equal": 0}
    for answer, is_turned in zip(llm.ask(asked), orders, strict=True):
        if answer.is_answered:
            said = answer.value["better"]
            if said == "equal":
                counts["equal"] += 1
            else:
                counts["written" if (said == "first") != is_turned else "words"] += 1
    return [f"{name}: {n}" for name, n in counts.items()]


def main(folder: Path) -> None:
    """Record scores by part and by the score of the name from words, and preferences."""
    llm = LLM(BatchFolder(folder))
    stores = leaders()
    parts = []
    waiting = 0
    for name, store, features in stores:
        try:
            parts.append(label_by_reading(store, features, llm).assign(part=name))
        except AnswersMissing as error:
            print(error)
            waiting += 1
            (folder / "requests-1.jsonl").rename(folder / f"wait-{name}.jsonl")
    if waiting:
        return
    whole = pd.concat(parts, ignore_index=True)
    told = preferred(llm, stores, whole)
    is_poor = whole["words_score"] < 0.5
    body = [
        row("all", whole),
        *(row(f"of {kind}s", whole[whole["kind"] == kind]) for kind in ("token", "sentence")),
        *(row(f"findings of {name}", whole[whole["part"] == name]) for name, *_ in stores),
        row("name from words below .5", whole[is_poor]),
        row("name from words .5 or more", whole[~is_poor]),
    ]
    distinct = sum(one["written"].nunique() for one in parts)
    n_written = int(whole["written"].notna().sum())
    record("Names by reading", [
        f"{len(whole)} leaders of findings; {n_written} names written, {distinct} distinct; the "
        f"written name is shown for {(whole['label_source'] != 'words').sum()}. Chance .200. "
        f"Answered by {', '.join(llm.receipt().models)}.", "",
        *table(("", "features", "from words", "by reading", "gain"), body), "",
        f"Side by side, preferred: {', '.join(told)}.",
    ])  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Detection and fuzzing of labels: `python -m benchmarks.label_detection FOLDER`.

The first leaders of findings about two models' answers. Each label, the label of another feature
and "a piece of text" are tested place by place. FOLDER holds requests and answers of a batch.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.labels_by_reading import leaders
from benchmarks.results import record, table
from corpuscope.errors import AnswersMissing
from corpuscope.labels.by_reading.material import material_of_features
from corpuscope.labels.by_reading.windows import detection_table
from corpuscope.labels.by_reading.write import words_labels
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM

_N = 10


def main(folder: Path) -> None:
    """Record mean scores of the labels, of shuffled ones, and of none."""
    llm = LLM(BatchFolder(folder))
    _, store, features = leaders()[1]
    labels = words_labels(store, features)
    chosen = [one for one in features if labels.get(one)][:_N]
    try:
        found = detection_table(material_of_features(store, chosen), labels, llm)
    except AnswersMissing as error:
        print(error)
        return
    columns = ["detection", "detection_by_frequency", "strongest", "middle", "weakest", "random",
               "near", "fuzzing"]  # fmt: skip
    body = [
        (of, *(_mean(found[found["of"] == of], column) for column in columns))
        for of in ("own", "shuffled", "none")
    ]
    own, other = (found[found["of"] == of].set_index("feature") for of in ("own", "shuffled"))
    trusted = (own["detection_low"] > np.maximum(other["detection_high"], 0.5)).sum()
    record("Detection and fuzzing of labels", [
        f"{len(chosen)} leaders, labels from words; {int(found['n'].sum())} places judged, "
        f"{int(found['n_unread'].sum())} unclear. Answered by "
        f"{', '.join(llm.receipt().models)}. Trusted: {trusted} of {len(chosen)}.", "",
        *table(("label", *(name.replace("_", " ") for name in columns)), body),
    ])  # fmt: skip


def _mean(some: pd.DataFrame, column: str) -> str:
    values = some[column].dropna()
    return f"{values.mean():.2f}" if len(values) else "-"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

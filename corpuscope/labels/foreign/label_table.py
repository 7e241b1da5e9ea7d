"""The one table that labels of every source are read into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from corpuscope.labels.foreign.origin import LabelOrigin

__all__ = ["COLUMNS", "STATUSES", "ForeignLabels", "best_labels", "label_table", "status_of"]

COLUMNS = (
    "sae_id", "feature", "label", "source", "explainer", "method", "author", "score", "score_kind",
    "created_at", "status", "source_id", "licence",
)  # fmt: skip
"""The columns of the table."""

STATUSES = ("ok", "empty", "unparsed", "withheld")
"""Only a label that is `ok` is shown; the others say why a feature has none."""

_LAST = ("words", "unknown")
# Where nothing else decides, methods that also saw what a feature promotes come first.
_METHODS = ("np_acts-logits-general", "np_max-act-logits", "np_max-act", "eleuther_acts_top20",
            "oai_token-act-pair")  # fmt: skip


@dataclass(frozen=True, eq=False)
class ForeignLabels:
    """Labels from one source.

    Attributes:
        format: How they were written: `neuronpedia`, `goodfire`, `delphi` or `table`.
        table: A row for each label, in the order read, with the columns `COLUMNS`. A feature may
            have several, or one without text whose `status` says why.
        origin: The dictionary that they are of, as far as the source says.
        skipped: What could not be used, in words, and how often.
    """

    format: str
    table: pd.DataFrame
    origin: LabelOrigin
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each status."""
        found = self.table["status"].value_counts()
        return {status: int(found.get(status, 0)) for status in STATUSES}


def label_table(
    features: Sequence[int],
    labels: Sequence[object],
    columns: Mapping[str, object] = MappingProxyType({}),
) -> pd.DataFrame:
    """A table with all columns; those not given are missing, `status` follows from the label.

    Args:
        features: Feature numbers.
        labels: Their labels; None or blank where there is none.
        columns: Other columns of `COLUMNS`, as sequences or one value for all rows.
    """
    n = len(features)
    texts = [" ".join(one.split()) if isinstance(one, str) else "" for one in labels]
    made: dict[str, object] = {name: columns.get(name, [None] * n) for name in COLUMNS}
    made |= {
        "feature": np.asarray(features, dtype=np.int64),
        "label": [one or None for one in texts],
    }
    if "status" not in columns:
        made["status"] = [status_of(one) for one in texts]
    table = pd.DataFrame(made, columns=list(COLUMNS))
    table["score"] = pd.to_numeric(table["score"], errors="coerce").astype(float)
    rest = [name for name in COLUMNS if name not in ("feature", "score")]
    table[rest] = table[rest].astype(object).where(table[rest].notna(), None)
    return table


def status_of(text: str | None) -> str:
    """`ok` for a text, `empty` for none."""
    return "ok" if text and text.strip() else "empty"


def best_labels(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each feature that has a label: the label to show, with the index of its row.

    Labels that trials found to be worse than a name from words are left out. Labels of people come
    first, those from words last. Then the best score decides if all scores
    are of one kind; then the method, then the date (the newest), then the order read.
    """
    is_good = table["status"] == "ok"
    if "is_worse_than_words" in table:
        is_good &= ~table["is_worse_than_words"].fillna(False).astype(bool)
    good = table[is_good].copy()
    is_last = good["source"].isin(_LAST)
    good["_rank"] = (good["source"] == "people").astype(int) - is_last.astype(int)
    kinds = good.loc[good["score"].notna() & ~is_last, "score_kind"]
    is_one_kind = kinds.nunique(dropna=False) <= 1
    good["_score"] = good["score"].fillna(-np.inf) if is_one_kind else 0.0
    place = {name: at for at, name in enumerate(_METHODS)}
    good["_method"] = [place.get(str(name), len(_METHODS)) for name in good["method"]]
    good["_date"] = pd.to_datetime(
        good["created_at"], errors="coerce", utc=True, format="ISO8601"
    ).fillna(pd.Timestamp(0, tz="UTC"))
    ordered = good.sort_values(
        ["feature", "_rank", "_score", "_method", "_date"],
        ascending=[True, False, False, True, False],
        kind="stable",
    )
    return ordered.drop_duplicates("feature")[list(table.columns)]

"""What is wrong with these labelled texts?

Each check looks at one way in which a data set misleads those who use it. Nothing is changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from corpuscope.analyses.audit.checks import Checks
from corpuscope.analyses.audit.result import AuditResult
from corpuscope.analyses.audit.settings import AuditSettings
from corpuscope.analyses.comparison.arguments import By, group_values, name_of
from corpuscope.analyses.comparison.groups import as_names
from corpuscope.analyses.results.base import in_order
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import CHECKS, Check, check_among, check_at_least, check_numbers
from corpuscope.store.joined import Stores

_PARAMETERS = (
    "label", "split", "group", "count_copies", "checks", "q", "folds", "min_support", "max_lines",
    "evidence", "rename", "seed",
)  # fmt: skip


def audit(
    store: Stores,
    *,
    label: By = None,
    split: By = None,
    group: str | None = None,
    checks: Sequence[str] = CHECKS,
    q: float = 0.05,
    settings: AuditSettings | None = None,
) -> AuditResult:
    """Shortcuts, labels that look wrong, copies, leaks, oddities and groups too small to trust.

    Args:
        store: What to read. Several stores of one dictionary are read as one.
        label: The column of the labels, or one for each document, None leaving it out. Without
            it only copies, leaks and oddities are looked for.
        split: The column that says which split a document is in, or one value for each; without
            it no leaks are looked for.
        group: The column whose values say which documents are not independent, such as their
            author or thread: these count in the search for shortcuts, and stay in one fold where
            labels are predicted.
        checks: Which checks are made; of "shortcuts", "suspect_labels", "duplicates", "leaks",
            "templates", "oddities" and "small_groups".
        q: The share of shortcuts that may be false.
        settings: How the audit is made, such as `AuditSettings(max_lines=5)`.

    Raises:
        ColumnNotFound: A column is not there.
        NotEnoughData: There is one label only, or no class has as many documents as folds.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: A number is out of its range, or a check is none.

    Example:
        >>> found = audit(store, label="harmful", split="split")  # doctest: +SKIP
        >>> print(found.to_markdown())  # doctest: +SKIP
    """
    settings = settings or AuditSettings()
    check_numbers(q=q, evidence=settings.evidence, min_support=settings.min_support)
    check_among(CHECKS, checks=checks)
    check_at_least(2, folds=settings.folds)
    check_at_least(1, max_lines=settings.max_lines)
    names = [None if by is None else name_of(by) for by in (label, split)]
    parameters = {
        "label": names[0], "split": names[1], "group": group, "checks": list(checks), "q": q,
    }  # fmt: skip
    source = NamedStore(store)
    labels = None if label is None else as_names(group_values(source, label))
    splits = None if split is None else as_names(group_values(source, split))
    wanted = [check for check in CHECKS if check in checks]
    asked = Checks(source, labels, splits, group, settings)
    if labels is not None:
        asked.check_labels(str(names[0]))
    lines: dict[str, list[Any]] = {check: [] for check in CHECKS}
    counts: dict[str, int] = dict.fromkeys(CHECKS, 0)
    made: dict[Check, Callable[[], tuple[list[Any], int]]] = {
        "shortcuts": lambda: asked.shortcuts(q),
        "suspect_labels": lambda: asked.suspect_labels(settings.folds),
        "duplicates": asked.duplicates,
        "leaks": asked.leaks,
        "templates": asked.templates,
        "oddities": asked.oddities,
        "small_groups": lambda: asked.small_groups(settings.folds),
    }
    for check in wanted:
        lines[check], counts[check] = made[check]()
    return AuditResult(
        **{check: tuple(found) for check, found in lines.items()},
        counts=counts,
        parameters=in_order(_PARAMETERS, parameters, asdict(settings)),
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=len(asked.rows),
        warnings=(*source.warnings, *asked.warnings),
    )

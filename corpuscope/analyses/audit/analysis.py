"""What is wrong with these labelled texts?

Each check covers one way in which a labelled data set can mislead. The data are not modified.
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
    """Shortcuts, likely label errors, duplicates, leaks, templates, outliers and small classes.

    Args:
        store: The store to audit. Several stores of one dictionary are read as one.
        label: Column of the labels, or one label per document; documents with None are excluded.
            Without it, only checks that need no label are run.
        split: Column of the split of each document, or one value per document. Without it,
            leaks are not checked.
        group: Column that identifies dependent documents, such as author or thread. Shortcuts
            are tested on its values, and each value stays in one cross-validation fold.
        checks: Checks to run: "shortcuts", "suspect_labels", "duplicates", "leaks",
            "templates", "oddities" (outliers) and "small_groups".
        q: False discovery rate of the shortcuts.
        settings: Further options, such as `AuditSettings(max_lines=5)`.

    Raises:
        ColumnNotFound: A column does not exist.
        NotEnoughData: There is only one label, or fewer than two classes have `folds` documents.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: A number is out of range, or a check is unknown.

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
    auditor = Checks(source, labels, splits, group, settings)
    if labels is not None:
        auditor.check_labels(str(names[0]))
    lines: dict[str, list[Any]] = {check: [] for check in CHECKS}
    counts: dict[str, int] = dict.fromkeys(CHECKS, 0)
    runners: dict[Check, Callable[[], tuple[list[Any], int]]] = {
        "shortcuts": lambda: auditor.shortcuts(q),
        "suspect_labels": lambda: auditor.suspect_labels(settings.folds),
        "duplicates": auditor.duplicates,
        "leaks": auditor.leaks,
        "templates": auditor.templates,
        "oddities": auditor.oddities,
        "small_groups": lambda: auditor.small_groups(settings.folds),
    }
    # In the fixed order of CHECKS, so that warnings do not depend on the order auditor for.
    for check in (name for name in CHECKS if name in checks):
        lines[check], counts[check] = runners[check]()
    return AuditResult(
        **_tuples(lines),
        counts=counts,
        reader=auditor.reader,
        parameters=in_order(_PARAMETERS, parameters, asdict(settings)),
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=len(auditor.rows),
        warnings=(*source.warnings, *auditor.warnings),
    )


def _tuples(lines: dict[str, list[Any]]) -> dict[str, Any]:
    return {check: tuple(found) for check, found in lines.items()}

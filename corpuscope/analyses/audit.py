"""What is wrong with these labelled texts?

Each check looks at one way in which a data set misleads those who use it. Nothing is changed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from corpuscope.analyses.asked import By, group_values, name_of
from corpuscope.analyses.audit_checks import Checks
from corpuscope.analyses.audit_result import AuditResult
from corpuscope.analyses.groups import as_names
from corpuscope.analyses.source import Source, Stores
from corpuscope.ranges import CHECKS, Check, check_among, check_at_least, check_numbers


def audit(
    store: Stores,
    *,
    label: By = None,
    split: By = None,
    group: str | None = None,
    count_copies: bool = False,
    checks: Sequence[str] = CHECKS,
    q: float = 0.05,
    folds: int = 5,
    min_support: int = 10,
    max_lines: int = 20,
    evidence: int = 2,
    rename: bool = True,
    seed: int = 0,
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
        count_copies: Whether each copy of a text counts in the search for shortcuts; else a text
            counts once in its class.
        checks: Which checks are made; of "shortcuts", "suspect_labels", "duplicates", "leaks",
            "templates", "oddities" and "small_groups".
        q: The share of shortcuts that may be false.
        folds: In how many parts documents are told by models that have not seen them; a class
            with fewer documents is left out there.
        min_support: Documents that must have a feature, and lack it, to be a shortcut.
        max_lines: So many lines of each check are shown at most.
        evidence: How many texts show a line.
        rename: Whether features are named from these documents, which takes some seconds.
        seed: Of all that is drawn.

    Raises:
        ColumnNotFound: A column is not there.
        NotEnoughData: There is one label only, or no class has as many documents as folds.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: A number is out of its range, or a check is none.

    Example:
        >>> found = audit(store, label="harmful", split="split")  # doctest: +SKIP
        >>> print(found.to_markdown())  # doctest: +SKIP
    """
    parameters = {name: value for name, value in locals().items() if name != "store"}
    parameters |= {"label": label if label is None else name_of(label)}
    parameters |= {"split": split if split is None else name_of(split), "checks": list(checks)}
    check_numbers(q=q, evidence=evidence, min_support=min_support)
    check_among(CHECKS, checks=checks)
    check_at_least(2, folds=folds)
    check_at_least(1, max_lines=max_lines)
    source = Source(store)
    labels = None if label is None else as_names(group_values(source, label))
    splits = None if split is None else as_names(group_values(source, split))
    wanted = [check for check in CHECKS if check in checks]
    asked = Checks(
        source, labels, splits, group, count_copies, min_support, max_lines, evidence, rename, seed
    )
    if labels is not None:
        asked.check_labels(parameters["label"])
    lines: dict[str, list[Any]] = {check: [] for check in CHECKS}
    counts: dict[str, int] = dict.fromkeys(CHECKS, 0)
    made: dict[Check, Callable[[], tuple[list[Any], int]]] = {
        "shortcuts": lambda: asked.shortcuts(q),
        "suspect_labels": lambda: asked.suspect_labels(folds),
        "duplicates": asked.duplicates,
        "leaks": asked.leaks,
        "templates": asked.templates,
        "oddities": asked.oddities,
        "small_groups": lambda: asked.small_groups(folds),
    }
    for check in wanted:
        lines[check], counts[check] = made[check]()
    return AuditResult(
        **{check: tuple(found) for check, found in lines.items()},
        counts=counts,
        parameters=parameters,
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=len(asked.rows),
        warnings=(*source.warnings, *asked.warnings),
    )

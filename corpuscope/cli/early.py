"""Early checks of arguments, before anything slow is loaded.

The analyses make the same checks; here mistakes are reported without delay.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpuscope.errors import DictionaryError, GroupNotFound
from corpuscope.ranges import no_such_column

if TYPE_CHECKING:
    from corpuscope.store.store import Store

_MOST_NAMED = 12
# Embedded in a few seconds.
_FEW_SENTENCES = 300


def check_stores(
    paths: Sequence[Path],
    *,
    columns: Iterable[str | None] = (),
    by: str | None = None,
    groups: Iterable[str | None] = (),
) -> None:
    """Check that stores can be opened, and have the columns and groups named.

    Args:
        paths: The stores.
        columns: Columns that each must have; None is ignored.
        by: The column of groups.
        groups: Groups that the column must have; None is ignored.

    Raises:
        StoreDamaged: There is no store, or its manifest cannot be read.
        ColumnNotFound: There is no such column.
        GroupNotFound: There is no such group.
    """
    from corpuscope.store.store import open_store

    opened = [open_store(path) for path in paths]
    for store in opened:
        for name in filter(None, (by, *columns)):
            if name not in store.columns:
                raise no_such_column(store.path, name, store.columns)
    wanted = [group for group in groups if group is not None]
    if not wanted or by is None:
        return
    known: Counter[str] = Counter()
    for store in opened:
        known.update(store.value_counts(by))
    for group in wanted:
        if group not in known:
            more = f" and {len(known) - _MOST_NAMED} others" if len(known) > _MOST_NAMED else ""
            raise GroupNotFound(
                f"the column {by!r} has no group {group!r}",
                expected=f"one of {dict(known.most_common(_MOST_NAMED))}{more}",
                next_step="name one of these",
            )


def prepare_meanings(store: "Store") -> None:
    """Compute what a dictionary's features mean, with a progress bar if it takes a while.

    The questions would do the same, without a word.
    """
    from corpuscope.cli.terminal.progress import counting
    from corpuscope.labels.meanings import meanings

    with counting("sentences embedded, once for this store") as bar:
        meanings(store, lambda done, n: bar(done, n) if n > _FEW_SENTENCES else None)


def check_dictionary(name: str) -> None:
    """Check that a dictionary exists; it is validated only when loaded.

    Raises:
        DictionaryError: There is none, or it is an unfinished run.
    """
    from corpuscope.sae.formats import HUB, format_of

    folder = Path(name)
    if name == "builtin" or name.startswith(HUB):
        return
    if format_of(folder) is not None and not any(folder.glob("recipe.json")):
        return
    inner = [path.parent for path in sorted(folder.glob("*/dictionary/config.json"))]
    if inner:
        found, next_step = f"{name} is the folder of a training run", f"name {inner[0]}"
    elif any(folder.rglob("recipe.json")):
        found = f"{name} is an unfinished training run"
        next_step = "repeat the command that started it, to resume"
    else:
        found, next_step = f"no {folder / 'config.json'}", "check the path"
    raise DictionaryError(
        found,
        expected="the folder of a dictionary, of ours or of another project, or builtin",
        next_step=next_step,
    )

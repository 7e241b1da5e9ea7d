"""Two groups out of an order: the later half of a column of times or numbers, and the earlier."""

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.comparison.arguments import group_values
from corpuscope.analyses.trend.ordered_groups import find_ordered_groups
from corpuscope.analyses.trend.settings import TrendSettings
from corpuscope.labels.named_store import NamedStore

__all__ = ["halves"]


def halves(source: NamedStore, by: str) -> tuple[npt.NDArray[np.object_], str]:
    """The half of each document, None for those in neither, and the name of the later one.

    Values are ordered and binned as in `trend`; of an odd number of bins the middle one is in
    neither half.

    Args:
        source: The documents.
        by: The column.

    Raises:
        ColumnNotFound: There is no such column.
        InputError: The order is ambiguous.
        NotEnoughData: It has fewer than three groups.
    """
    groups = find_ordered_groups(
        group_values(source, by), by=by, order=None, max_groups=TrendSettings().max_groups
    )
    found = np.full(source.n_documents, None, dtype=object)
    n = len(groups.names) // 2
    later = _named("later", groups.names[-n:])
    found[groups.earlier] = _named("earlier", groups.names[:n])
    found[groups.later] = later
    return found, later


def _named(half: str, names: tuple[str, ...]) -> str:
    return f"{half} ({names[0]})" if len(names) == 1 else f"{half} ({names[0]} ... {names[-1]})"

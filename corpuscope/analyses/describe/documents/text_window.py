"""A document as it is shown: its text, or a window of a long one, with what is known of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.analyses.results.base import plain
from corpuscope.corpus.document import Role
from corpuscope.errors import InputError
from corpuscope.store.lookup.ids import rows_of_ids


@dataclass(frozen=True)
class ShownText:
    """A document's text and what came with it.

    Attributes:
        id: The document.
        row: Its number in the store.
        text: Its text from character `start` to `end`.
        start: Where the window begins; 0 for a text that is shown whole.
        end: Where it ends.
        n_characters: The length of the whole text.
        n_tokens: The number of its tokens that were read.
        roles: Which characters of the whole text belong to which speaker.
        metadata: Its value in each column; None where it has none.
    """

    id: str
    row: int
    text: str
    start: int
    end: int
    n_characters: int
    n_tokens: int
    roles: tuple[Role, ...]
    metadata: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON-compatible values."""
        names = ("id", "row", "text", "start", "end", "n_characters", "n_tokens")
        own = {name: getattr(self, name) for name in names}
        roles = [asdict(role) for role in self.roles]
        return own | {"roles": roles, "metadata": plain(dict(self.metadata))}


def row_of(here: DescribedStore, id: str) -> tuple[int, list[str]]:
    """The row of the first document with an id, and a warning if there are several.

    Raises:
        InputError: There is no such document; similar ids are listed.
    """
    if not isinstance(id, str):
        raise InputError(
            f"the id {id!r}",
            expected="the id of a document, which is text",
            next_step="take ids from store.ids or from a result",
        )
    rows = rows_of_ids(here.store, [id])
    if len(rows) == 1:
        return int(rows[0]), []
    return int(rows[0]), [f"{len(rows)} documents have the id {id!r}: this is the first"]


def shown_text(here: DescribedStore, row: int, *, at: int, window: int) -> ShownText:
    """A document with its text from character `at`, at most `window` characters of it.

    Raises:
        InputError: `at` is beyond the end of the text.
    """
    table = here.store.table([row], "id", "text", "n_tokens", "roles").to_pydict()
    text = table["text"][0]
    if at and at >= len(text):
        raise InputError(
            f"at is {at}",
            expected=f"a character of the text, below {len(text)}",
            next_step="leave it out for the beginning",
        )
    end = min(len(text), at + window)
    return ShownText(
        id=table["id"][0],
        row=row,
        text=text[at:end],
        start=at,
        end=end,
        n_characters=len(text),
        n_tokens=int(table["n_tokens"][0]),
        roles=tuple(Role(**role) for role in table["roles"][0]),
        metadata=here.store.metadata_of(row),
    )

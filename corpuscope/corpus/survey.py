"""A summary of a corpus from a first pass over it, and the counts of a pass."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from corpuscope.corpus.columns import DocumentColumns
from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.ids import MetIds
from corpuscope.corpus.sources.rows import Broken, Row
from corpuscope.corpus.texts.languages import languages_of, what_it_means
from corpuscope.errors import InputError, NotEnoughData

_MOST_BROKEN, _SURELY_BROKEN = 0.1, 10_000
"""The largest tolerated share of unreadable rows; this many stop a pass before its end."""

_OFTEN = 1 / 3
"""If at least this share of rows repeats an earlier value, values are repeated by design."""

_NO_TEXT = "not a text"


@dataclass(frozen=True)
class Survey:
    """A summary of a corpus from a first pass over it.

    Attributes:
        n_rows: The number of rows.
        skipped: The number of skipped rows, by reason.
        left_out: What was left out of documents, such as images in chats, and how often.
        roles: The roles in the documents, sorted.
        reading_notes: Notes for the user.
        has_ids: Whether the id column has a distinct id in each row.
        some_texts: A sample of the texts, in order.
    """

    n_rows: int
    skipped: dict[str, int]
    left_out: dict[str, int]
    roles: tuple[str, ...]
    reading_notes: tuple[str, ...]
    has_ids: bool
    some_texts: tuple[str, ...]

    @cached_property
    def languages(self) -> dict[str, float]:
        """The share of the sampled texts in each language, by language code."""
        return languages_of(self.some_texts)

    @property
    def notes(self) -> tuple[str, ...]:
        """All notes for the user, including one on languages."""
        return (*self.reading_notes, *filter(None, [what_it_means(self.languages)]))

    @property
    def n_documents(self) -> int:
        """The number of documents."""
        return self.n_rows - sum(self.skipped.values())

    def check_roles(self, roles: Iterable[str]) -> None:
        """Check that at least one of the roles occurs in the documents, if any is given.

        Raises:
            NotEnoughData: None occurs.
        """
        wanted = sorted(set(roles))
        if not wanted or set(wanted) & set(self.roles):
            return
        known = f"the roles {', '.join(self.roles)}" if self.roles else "no roles at all"
        raise NotEnoughData(
            f"{self.n_documents:,} documents with {known}, and no text of the roles "
            f"{', '.join(wanted)} in any of them",
            expected="roles that occur in the corpus",
            next_step="choose other roles, or none",
        )


@dataclass
class SurveyCounts:
    """Counts of a pass over a corpus."""

    earlier: Callable[[DocumentColumns, str, int], Row | None]
    tried: DocumentColumns | None = None
    n_rows: int = 0
    n_broken: int = 0
    n_repeated: int = 0
    n_without_id: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    first_broken: InputError | None = None
    met: MetIds = field(default_factory=MetIds)

    def entry(
        self, row: Row | Broken, position: int, columns: DocumentColumns
    ) -> Document | Skipped:
        """The row as a document or a skipped row; stops if too many rows are unreadable."""
        if isinstance(row, Row):
            self._try_id(row, position)
            columns.identify(row, position)
            try:
                return columns.entry(row, position, self.left_out)
            except InputError as error:
                row = Broken(_NO_TEXT, error, row.place)
        self.n_broken += 1
        self.first_broken = self.first_broken or row.error
        if self.n_broken >= _SURELY_BROKEN:
            self.end()
        return Skipped(f"{position:06d}", row.reason, str(row.place))

    def end(self) -> None:
        """Raise the first error if too large a share of rows was unreadable."""
        error = self.first_broken
        if error is None or self.n_broken <= _MOST_BROKEN * self.n_rows:
            return
        more = f", and {self.n_broken - 1:,} other rows like it" if self.n_broken > 1 else ""
        raise InputError(error.found + more, expected=error.expected, next_step=error.next_step)

    def on_ids(self) -> list[str]:
        """A note if the default id column cannot be used."""
        name = None if self.tried is None else self.tried.id
        if name is None or not (self.n_repeated or self.n_without_id):
            return []
        if self.n_repeated >= _OFTEN * self.n_rows:
            n_each = self.n_rows / (self.n_rows - self.n_repeated)
            what = f"repeats each value about {n_each:.0f} times, perhaps as prompt ids"
        elif self.n_repeated:
            what = f"repeats a value in {self.n_repeated:,} of {self.n_rows:,} rows"
        else:
            what = f"has neither text nor a number in {self.n_without_id:,} rows"
        return [
            f"the column {name!r} {what}: documents are numbered by position, and "
            f"{name!r} is kept as metadata" + (f" (--pair {name})" if self.n_repeated else "")
        ]

    def _try_id(self, row: Row, position: int) -> None:
        if self.tried is None:
            return
        id = self.tried.own_id(row)
        if id is None:
            self.n_without_id += 1
        elif self.met.add(id):
            is_known = self.n_repeated > 0
            self.n_repeated += is_known or bool(self.earlier(self.tried, id, position))

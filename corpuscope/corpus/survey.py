"""What a first look over a corpus tells, and what is counted in going through it."""

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
"""A larger share of rows that cannot be read is too much; so many tell it before the end."""

_OFTEN = 1 / 3
"""From this share on of rows with a value met before, values are repeated by design."""

_NO_TEXT = "what is no text"


@dataclass(frozen=True)
class Survey:
    """What a first look over a corpus tells.

    Attributes:
        n_rows: How many rows there are.
        skipped: How many of them become no document, for each reason.
        left_out: What was left out of documents, such as images in chats, and how often.
        roles: Who speaks in the documents, sorted.
        told: What was seen on the way that its user should know.
        has_ids: Whether the column of ids has a different one in each row.
        some_texts: Some of the texts, from first to last.
    """

    n_rows: int
    skipped: dict[str, int]
    left_out: dict[str, int]
    roles: tuple[str, ...]
    told: tuple[str, ...]
    has_ids: bool
    some_texts: tuple[str, ...]

    @cached_property
    def languages(self) -> dict[str, float]:
        """The share of some texts in each language, by its code."""
        return languages_of(self.some_texts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What its user should know."""
        return (*self.told, *filter(None, [what_it_means(self.languages)]))

    @property
    def n_documents(self) -> int:
        """How many rows become documents."""
        return self.n_rows - sum(self.skipped.values())

    def check_roles(self, roles: Iterable[str]) -> None:
        """Make sure that somebody in the documents has one of the roles, if any is named.

        Raises:
            NotEnoughData: Nobody has.
        """
        wanted = sorted(set(roles))
        if not wanted or set(wanted) & set(self.roles):
            return
        known = f"the roles {', '.join(self.roles)}" if self.roles else "no roles at all"
        raise NotEnoughData(
            f"{self.n_documents:,} documents with {known}, and no text of the roles "
            f"{', '.join(wanted)} in any of them",
            expected="roles of the corpus",
            next_step="name others, or none",
        )


@dataclass
class SurveyCounts:
    """What is counted in going through a corpus."""

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
        """The row as a document, or why it is none; stops where too many cannot be read."""
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
        """Raise the first error if more than a few rows cannot be read."""
        error = self.first_broken
        if error is None or self.n_broken <= _MOST_BROKEN * self.n_rows:
            return
        more = f", and {self.n_broken - 1:,} other rows like it" if self.n_broken > 1 else ""
        raise InputError(error.found + more, expected=error.expected, next_step=error.next_step)

    def on_ids(self) -> list[str]:
        """What is wrong with a column of ids that nobody chose."""
        name = None if self.tried is None else self.tried.id
        if name is None or not (self.n_repeated or self.n_without_id):
            return []
        if self.n_repeated >= _OFTEN * self.n_rows:
            n_each = self.n_rows / (self.n_rows - self.n_repeated)
            what = f"has each of its values about {n_each:.0f} times, perhaps as ids of prompts"
        elif self.n_repeated:
            what = f"repeats a value in {self.n_repeated:,} of {self.n_rows:,} rows"
        else:
            what = f"holds neither text nor a number in {self.n_without_id:,} rows"
        return [
            f"the column {name!r} {what}: the documents are numbered by their positions, and "
            f"{name!r} is kept as a column" + (f" (--pair {name})" if self.n_repeated else "")
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

"""A corpus: an ordered set of documents, read anew from its source on each iteration."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from corpuscope.corpus.chats.dialogues import are_dialogues
from corpuscope.corpus.columns import BY_POSITION, DocumentColumns
from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.ids import MetIds
from corpuscope.corpus.sources.rows import Broken, Row, SourcePart
from corpuscope.corpus.sources.wide import ANSWER_OF, ROW, unfolded
from corpuscope.corpus.survey import Survey, SurveyCounts
from corpuscope.errors import InputError, NotEnoughData

_N_LOOKED_AT = 200
"""Minimum sample of texts kept by a survey, evenly spaced over the corpus."""


@dataclass(frozen=True)
class Corpus:
    """An ordered set of documents, read anew from its source on each iteration."""

    parts: tuple[SourcePart, ...]
    columns: DocumentColumns
    is_id_chosen: bool = True

    def __iter__(self) -> Iterator[Document]:
        """The documents, in order."""
        return (entry for entry in self.entries() if isinstance(entry, Document))

    def entries(self) -> Iterator[Document | Skipped]:
        """The documents and the skipped rows, in order.

        Raises:
            InputError: More than one row in ten is unreadable, or an id is repeated.
            NotEnoughData: The source has no rows; raised at the end.
        """
        return self._entries(self._settled, SurveyCounts(self._earlier))

    @cached_property
    def survey(self) -> Survey:
        """A summary from a first pass over all rows; computed once, by reading the source.

        Raises:
            InputError: As `entries`.
            NotEnoughData: The source has no rows.
        """
        is_tried = not self.is_id_chosen and self.columns.id is not None
        columns = self.columns.by_position() if is_tried else self.columns
        counts = SurveyCounts(self._earlier, tried=self.columns if is_tried else None)
        texts: list[str] = []
        skipped: Counter[str] = Counter()
        roles: set[str] = set()
        n_documents, step = 0, 1
        for entry in self._entries(columns, counts):
            if isinstance(entry, Skipped):
                skipped[entry.reason] += 1
                continue
            roles.update(role.role for role in entry.roles)
            if n_documents % step == 0:
                texts.append(entry.text)
                # Thin out by half when full: an evenly spaced sample of unknown total.
                if len(texts) == 2 * _N_LOOKED_AT:
                    texts, step = texts[::2], 2 * step
            n_documents += 1
        notes = [note for part in self.parts for note in part.notes()]
        notes += [
            *counts.on_ids(),
            *self._on_answers(),
            *self._on_dialogues(texts, has_roles=bool(roles)),
        ]
        if counts.left_out:
            listed = ", ".join(f"{what} ({n:,})" for what, n in counts.left_out.most_common(8))
            notes.append(f"left out of documents, as not text: {listed}")
        return Survey(
            counts.n_rows, dict(skipped), dict(counts.left_out), tuple(sorted(roles)),
            tuple(notes), has_ids=not counts.on_ids(), some_texts=tuple(texts),
        )  # fmt: skip

    @property
    def can_be_read_twice(self) -> bool:
        """Whether a survey is cheap; for a streamed dataset it would download everything."""
        return not any(part.kind == "dataset" and part.n_rows() is None for part in self.parts)

    @property
    def n_documents(self) -> int | None:
        """The number of rows, including empty texts; None if unknown without reading."""
        counts = [part.n_rows() for part in self.parts]
        n_each = len(self.columns.content) if self.columns.reading == "answers" else 1
        if None in counts:
            return None
        return n_each * sum(count for count in counts if count is not None)

    @property
    def description(self) -> dict[str, object]:
        """What was read and how, as JSON values, without the paths of folders."""
        return {
            "sources": _short_names([part.name for part in self.parts]),
            "formats": sorted({part.kind for part in self.parts}),
            "columns": self._settled.describe(),
        }

    @property
    def _settled(self) -> DocumentColumns:
        """The columns, with positions instead of a default id column that is not usable."""
        is_tried = not self.is_id_chosen and self.columns.id and self.can_be_read_twice
        return self.columns.by_position() if is_tried and not self.survey.has_ids else self.columns

    def _entries(
        self, columns: DocumentColumns, counts: "SurveyCounts"
    ) -> Iterator[Document | Skipped]:
        met = MetIds()
        for position, row in enumerate(self._rows()):
            counts.n_rows += 1
            entry = counts.entry(row, position, columns)
            if columns.id is not None and isinstance(row, Row) and met.add(entry.id):
                self._check_fresh(columns, entry.id, row, position)
            yield entry
        counts.end()
        if not counts.n_rows:
            raise NotEnoughData(
                f"no rows in {', '.join(part.name for part in self.parts) or 'the source'}",
                expected="at least one row",
                next_step="check that this is the right source",
            )

    def _rows(self) -> Iterator[Row | Broken]:
        rows = (row for part in self.parts for row in part.rows())
        if self.columns.reading == "answers":
            return unfolded(rows, self.columns.content)
        return rows

    def _check_fresh(self, columns: DocumentColumns, id: str, row: Row, position: int) -> None:
        if (earlier := self._earlier(columns, id, position)) is not None:
            raise InputError(
                f"the id {id!r} is used twice: {earlier.place}, and {row.place}",
                expected=f"a different id for each document in the column {columns.id!r}",
                next_step="correct one of them, or number documents by position "
                f"(id={BY_POSITION!r}, --id {BY_POSITION}); the column is then kept, and can "
                "pair documents",
            )

    def _earlier(self, columns: DocumentColumns, id: str, position: int) -> Row | None:
        """The first row with this id, if any; verifies a repeated hash."""
        for row in islice(self._rows(), position):
            if isinstance(row, Row) and columns.own_id(row) == id:
                return row
        return None

    def _on_answers(self) -> Iterator[str]:
        if self.columns.reading == "answers":
            yield (
                f"each row gives {len(self.columns.content)} documents, from the columns "
                f"{', '.join(map(repr, self.columns.content))}: {ANSWER_OF!r} names the column, "
                f"and {ROW!r} pairs them (diff --by {ANSWER_OF} --pair {ROW})"
            )

    def _on_dialogues(self, texts: list[str], *, has_roles: bool) -> Iterator[str]:
        is_plain = self.columns.reading in ("text", "answers") and not self.columns.is_dialogue
        if self.columns.is_dialogue and not has_roles:
            yield "no text has speaker names at the beginnings of lines, so there are no roles"
        if is_plain and are_dialogues(texts):
            yield (
                "the texts look like dialogues with speaker names; use dialogue=True "
                "(--dialogue) to read them as turns with roles"
            )


def _short_names(names: list[str]) -> list[str]:
    """The names without their common parent folder."""
    if len(names) == 1:
        return [Path(names[0]).name]
    shared = os.path.commonpath([Path(name).absolute().parent for name in names])
    return [Path(name).absolute().relative_to(shared).as_posix() for name in names]

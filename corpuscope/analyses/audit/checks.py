"""The checks of an audit, all on the same documents and labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from corpuscope.analyses.audit.document_space import directions_of
from corpuscope.analyses.audit.finding import Line, ShortcutLine
from corpuscope.analyses.audit.length_shortcuts import characters, length_of_name
from corpuscope.analyses.audit.outliers import outlier_documents
from corpuscope.analyses.audit.settings import AuditSettings
from corpuscope.analyses.audit.shortcut import LENGTH, Shortcut, is_labelled
from corpuscope.analyses.audit.shortcut_search import find_shortcuts
from corpuscope.analyses.audit.wrong_labels.label_errors import (
    evidence_of,
    label_errors,
    predicted,
    reasons_in_words,
    undoubted,
)
from corpuscope.analyses.audit.wrong_labels.reading import Suspect, SuspectReader
from corpuscope.analyses.comparison.dependence import numbered
from corpuscope.analyses.comparison.groups import left_out
from corpuscope.analyses.comparison.holdout import blocks_of
from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.analyses.results.evidence import DocumentEvidence
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.sentences.evidence import shown_sentences
from corpuscope.duplicates.near_duplicates import SimilarPair, duplicates_in, similar_groups
from corpuscope.duplicates.shared_passages import Template, templates
from corpuscope.errors import NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import LEAST_SUPPORT
from corpuscope.shapes import DocumentMask, GroupNames, PerDocument, Rows
from corpuscope.store.evidence import Evidence

_SMALL = 20
_RELATION = {
    "same": "same text as",
    "nearly": "near-duplicate of",
    "within": "contained in or containing",
}


@dataclass(eq=False)
class Checks:
    """The arguments of an audit, and one method per check.

    Each method returns the lines to show (at most `max_lines`) and the number of all lines.
    """

    source: NamedStore
    labels: GroupNames | None
    splits: GroupNames | None
    group: str | None
    settings: AuditSettings

    def __post_init__(self) -> None:
        self.warnings: list[str] = []
        n = self.source.n_documents
        has = np.ones(n, dtype=bool) if self.labels is None else is_labelled(self.labels)
        self.rows: Rows = np.flatnonzero(has)
        self.reader: SuspectReader | None = None
        self._near_duplicates: list[SimilarPair] | None = None

    def check_labels(self, name: str) -> None:
        """Raise NotEnoughData unless there are two labels; warn of unlabelled documents."""
        assert self.labels is not None
        self.warnings += left_out(self.labels, name)
        names = sorted({str(label) for label in self.labels[self.rows]})
        if len(names) < 2:
            raise NotEnoughData(
                f"the column {name!r} has {len(names)} label: {', '.join(names) or 'none'}",
                expected="two labels or more",
                next_step="name a column with at least two classes, or omit `label`",
            )

    def shortcuts(self, q: float) -> tuple[list[ShortcutLine], int]:
        """Shortcuts of each class; none without labels."""
        if self.labels is None:
            return [], 0
        found, warnings = find_shortcuts(
            self.source, self.labels, group=self.group, q=q, seed=self.settings.seed,
            count_copies=self.settings.count_copies, min_support=self.settings.min_support,
        )  # fmt: skip
        self.warnings += warnings
        shown = self._named(found[: self.settings.max_lines])
        return [self._shortcut_line(one) for one in shown], len(found)

    def _named(self, found: Sequence[Shortcut]) -> list[Shortcut]:
        names = self._names()
        known = names.of(f for one in found for f in one.named if isinstance(f, int))
        return [one.called(known) for one in found]

    def _names(self) -> Names:
        return Names(self.source, self._mask(self.rows), here=self.settings.rename)

    def _shortcut_line(self, one: Shortcut) -> ShortcutLine:
        return ShortcutLine.of(one, self._texts_of(one))

    def _texts_of(self, one: Shortcut) -> tuple[Evidence, ...]:
        assert self.labels is not None
        rows = self.rows[self.labels[self.rows] == one.value]
        if not self.settings.evidence:
            return ()
        if one.feature == LENGTH:
            order = rows[np.argsort(self.source.n_tokens[rows], kind="stable")]
            chosen = (order[::-1] if one.z > 0 else order)[: self.settings.evidence].tolist()
            return tuple(self._text(row) for row in chosen)
        if one.sentences:
            places = ((row, number, 0.0) for row, number in one.sentences)
            return shown_sentences(self.source, places, one.value, self.settings.evidence)
        if (length := length_of_name(one.feature)) is not None:
            cut = rows[characters(self.source)[rows] == length]
            return tuple(self._text(row) for row in cut[: self.settings.evidence].tolist())
        has = self._with(one.feature, rows)
        showing = DocumentEvidence(self.source, {one.feature: has}, self.settings.evidence)
        return tuple(shown for _, shown in showing.best(one.feature, [has], one.value))

    def _with(self, feature: int | str, rows: Rows) -> Rows:
        """The given documents that have a feature."""
        if isinstance(feature, int):
            return rows[self.source.peaks(feature, rows) >= 0]
        words = self.source.words(self.settings.min_support)
        column = words.presence[:, [words.names.index(feature)]].toarray()[:, 0]
        found: Rows = rows[column[rows] != 0]
        return found

    def _text(self, row: int, side: str | None = None) -> Evidence:
        (text,), (id,) = self.source.texts([row]), self.source.ids_of([row])
        return Evidence(id, text, side, (), 0.0)

    def suspect_labels(self, folds: int) -> tuple[list[Line], int]:
        """Likely label errors, as many as the estimated number of wrong labels."""
        if self.labels is None:
            return [], 0
        names, counts = np.unique(self.labels[self.rows].astype(str), return_counts=True)
        large = set(names[counts >= folds].tolist())
        if len(large) < 2:
            raise NotEnoughData(
                f"{len(large)} class has at least {folds} documents",
                expected=f"two classes with at least {folds} documents, for {folds} folds",
                next_step="use fewer folds, or omit the check `suspect_labels`",
            )
        rows = np.array([row for row in self.rows if str(self.labels[row]) in large])
        columns = self._columns(rows)
        groups = self._groups()[rows]
        predictions = predicted(
            self.source, columns, rows, self.labels[rows], groups=groups, folds=folds,
            seed=self.settings.seed,
        )  # fmt: skip
        found, wrong = label_errors(rows, self.labels[rows], predictions)
        self.warnings.append(wrong.in_words())
        self.reader = SuspectReader(
            self.source,
            tuple(Suspect(one.row, one.given, one.instead) for one in found),
            rows[undoubted(self.labels[rows], predictions)],
            self.labels,
            self.settings.seed,
        )
        naming = self._names()
        # Named in one call, because each call reads the texts.
        naming.of(
            name
            for one in found[: self.settings.max_lines]
            for column in one.reasons
            if isinstance(name := columns.name(column), int)
        )
        ids = self.source.ids_of([one.row for one in found[: self.settings.max_lines]])
        lines = [
            Line(
                id, 1 - one.p_given, reasons_in_words(columns, one, naming), given=one.given,
                instead=one.instead,
                evidence=(
                    (evidence_of(self.source, columns, one),) if self.settings.evidence else ()
                ),
            )
            for id, one in zip(ids, found, strict=False)
        ]  # fmt: skip
        return lines, len(found)

    def _groups(self) -> PerDocument:
        """Group number of each document: near-duplicates and one value of `group` share one."""
        groups = similar_groups(self._all_near_duplicates(), self.source.n_documents)
        if self.group is None:
            return groups
        return blocks_of(groups, numbered(self.source.column(self.group))).astype(np.int64)

    def _columns(self, rows: Rows) -> TestedFeatures:
        """The features and words of some documents."""
        return supported_features(
            self.source, self._mask(rows), words=True, features=True, min_support=LEAST_SUPPORT,
            level=None,
        )  # fmt: skip

    def _mask(self, rows: Rows) -> DocumentMask:
        found = np.zeros(self.source.n_documents, dtype=bool)
        found[rows] = True
        return found

    def duplicates(self) -> tuple[list[Line], int]:
        """Pairs of duplicates: those with conflicting labels first, then by similarity."""
        found = sorted(self._all_near_duplicates(), key=lambda one: not self._contradict(one))
        return [self._near_duplicate_line(one) for one in found[: self.settings.max_lines]], len(
            found
        )

    def leaks(self) -> tuple[list[Line], int]:
        """Pairs of duplicates across splits; none without splits."""
        if self.splits is None:
            return [], 0
        splits = self.splits
        apart = [
            one for one in self._all_near_duplicates()
            if None not in (splits[one.first], splits[one.second])
            and splits[one.first] != splits[one.second]
        ]  # fmt: skip
        return [self._near_duplicate_line(one) for one in apart[: self.settings.max_lines]], len(
            apart
        )

    def _all_near_duplicates(self) -> list[SimilarPair]:
        if self._near_duplicates is None:
            self._near_duplicates = duplicates_in(self.source, self.rows)
        return self._near_duplicates

    def _contradict(self, one: SimilarPair) -> bool:
        return self.labels is not None and self.labels[one.first] != self.labels[one.second]

    def _near_duplicate_line(self, one: SimilarPair) -> Line:
        first, second = self.source.ids_of([one.first, one.second])
        reason = f"{_RELATION[one.how]} {first}"
        if one.how != "same":
            reason += f" ({one.similarity:.0%} similar)"
        if self.splits is not None and self.splits[one.first] != self.splits[one.second]:
            reason += f", in {self.splits[one.second]!r} and in {self.splits[one.first]!r}"
        if self.labels is not None and self._contradict(one):
            reason += f"; labels {self.labels[one.second]!r} and {self.labels[one.first]!r}"
        shown = [self._text(row) for row in (one.second, one.first)[: self.settings.evidence]]
        return Line(second, one.similarity, reason, others=(first,), evidence=tuple(shown))

    def templates(self) -> tuple[list[Line], int]:
        """Passages shared by many documents that are not duplicates of each other."""
        groups = similar_groups(self._all_near_duplicates(), self.source.n_documents)[self.rows]
        # One document per group of near-duplicates, so that copies do not count as templates.
        firsts = np.sort(np.unique(groups, return_index=True)[1])
        found = templates(self.source, self.rows[firsts].tolist())
        n = len(firsts)
        return [self._template_line(one, n) for one in found[: self.settings.max_lines]], len(found)

    def _template_line(self, one: Template, n: int) -> Line:
        reason = f"in {len(one.rows):,} distinct documents ({len(one.rows) / n:.1%})"
        if self.labels is not None:
            has = self._mask(np.array(one.rows))[self.rows]
            names = self.labels[self.rows].astype(str)
            shares = {name: float(has[names == name].mean()) for name in np.unique(names).tolist()}
            most = max(shares, key=lambda name: shares[name])
            reason += f"; in {shares[most]:.1%} of {most!r}, "
            reason += f"in {has[names != most].mean():.1%} of the rest"
        chosen = one.shown[: self.settings.evidence]
        shown = [
            Evidence(text.id, text.text, None, (place,), 0.0)
            for text, (_, place) in zip(
                [self._text(row) for row, _ in chosen], chosen, strict=True
            )
        ]  # fmt: skip
        passage = " ".join(one.passage.split())
        return Line(passage, len(one.rows) / n, reason, evidence=tuple(shown))

    def oddities(self) -> tuple[list[Line], int]:
        """Outlier documents, far from all others."""
        directions = directions_of(
            self.source, self._columns(self.rows), self.rows, seed=self.settings.seed
        )  # fmt: skip
        found, median = outlier_documents(directions, seed=self.settings.seed)
        lines = [
            Line(
                self.source.ids_of([int(self.rows[at])])[0], below,
                f"mean cosine to its ten nearest texts is {similarity:.2f} (median of all "
                f"documents: {median:.2f})",
                evidence=(self._text(int(self.rows[at])),) if self.settings.evidence else (),
            )
            for at, similarity, below in islice(found, self.settings.max_lines)
        ]  # fmt: skip
        return lines, len(found)

    def small_groups(self, folds: int) -> tuple[list[Line], int]:
        """Classes too small for reliable per-class estimates."""
        if self.labels is None:
            return [], 0
        names, counts = np.unique(self.labels[self.rows].astype(str), return_counts=True)
        small = [
            # 1.96 * sqrt(.25 / n), the normal approximation at a share of one half.
            Line(str(name), float(count), f"{count} documents; the 95 % margin of error of a "
                 f"share is up to {98 / np.sqrt(count):.0f} points")
            for name, count in zip(names, counts, strict=True)
            if count < max(_SMALL, folds)
        ]  # fmt: skip
        small.sort(key=lambda line: line.score)
        return small[: self.settings.max_lines], len(small)

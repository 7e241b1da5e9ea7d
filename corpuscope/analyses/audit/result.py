"""The result of an audit: lines per check, each with a reason and a next step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

from corpuscope.analyses.audit.finding import NEXT_STEPS, Line, ShortcutLine
from corpuscope.analyses.audit.wrong_labels.reading import SuspectReader, SuspectsRead
from corpuscope.analyses.results.base import Answer, heading, plain
from corpuscope.analyses.results.evidence import as_json
from corpuscope.llm.budget import Receipt
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.ranges import CHECKS, Check
from corpuscope.store.evidence import Evidence

_ORDER = ("other", "unclear", "unread", "own")
_READ = {
    "other": "the other label fits", "own": "its own label fits", "unclear": "unclear",
    "unread": "not answered",
}  # fmt: skip


@dataclass(frozen=True)
class AuditResult(Answer):
    """The lines of an audit by check, most suspect first.

    The data are not modified. Checks that were not requested, or not possible, are empty.

    Attributes:
        shortcuts: Features, words, format marks, lengths and sentence clusters that predict a
            class by themselves and may be artefacts.
        suspect_labels: Likely label errors.
        duplicates: Pairs of duplicates: the same text, near-duplicates, or one within the other.
        leaks: The same, where the two are in different splits.
        templates: Passages that many documents share verbatim.
        oddities: Outlier documents.
        small_groups: Classes too small for reliable per-class estimates.
        counts: Number of lines of each check, including those not shown.
        reading: What a reader said of the likely label errors; None if nobody was asked.
        receipt: What that took.
    """

    shortcuts: tuple[ShortcutLine, ...]
    suspect_labels: tuple[Line, ...]
    duplicates: tuple[Line, ...]
    leaks: tuple[Line, ...]
    templates: tuple[Line, ...]
    oddities: tuple[Line, ...]
    small_groups: tuple[Line, ...]
    counts: Mapping[str, int]
    reading: SuspectsRead | None = None
    receipt: Receipt | None = None
    reader: SuspectReader | None = field(default=None, repr=False, compare=False)

    def reading_requests(self) -> list[Request]:
        """What `read` would ask."""
        return [] if self.reader is None else self.reader.requests(len(self.suspect_labels))

    def read(
        self, llm: LLM, *, progress: Callable[[int, int], None] | None = None
    ) -> "AuditResult":
        """The same audit with its likely label errors read blind, those confirmed first.

        A reader chooses between the label of a document and the predicted one, in random order,
        for the likely errors shown and for as many documents that no model doubts. Whole texts
        are sent (the middle of long ones is left out).

        Args:
            llm: Who reads.
            progress: Callback with the number of answers so far, and of all.

        Raises:
            EndpointRefused: The language model cannot be asked.
            AnswersMissing: Requests wait for answers.
        """
        if self.reader is None or not self.reader.suspects:
            return self
        found = self.reader.read(llm, n=len(self.suspect_labels), progress=progress)
        lines = [
            replace(line, said=said, reason=f"{line.reason}; read: {_READ[said]}{_why(reason)}")
            for line, said, reason in zip(
                self.suspect_labels, found.said, found.reasons, strict=True
            )
        ]
        lines.sort(key=lambda line: _ORDER.index(str(line.said)))
        return replace(
            self,
            suspect_labels=tuple(lines),
            reading=found,
            receipt=llm.receipt(),
            warnings=(*self.warnings, found.in_words()),
        )

    def __len__(self) -> int:
        return sum(len(self.lines(check)) for check in CHECKS)

    def lines(self, check: Check) -> Sequence[ShortcutLine | Line]:
        """The lines of one check."""
        found: Sequence[ShortcutLine | Line] = getattr(self, check)
        return found

    def to_frame(self) -> pd.DataFrame:
        """A row for each line: check, subject, score and reason."""
        rows = [
            {"check": check, "subject": subject_of(line), "score": score_of(line),
             "reason": line.reason}
            for check in CHECKS
            for line in self.lines(check)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["check", "subject", "score", "reason"])

    def to_json(self) -> dict[str, Any]:
        """The lines of each check with their evidence, as JSON values."""
        lines: dict[str, Any] = {c: [_as_json(c, line) for line in self.lines(c)] for c in CHECKS}
        read = {} if self.reading is None or self.receipt is None else {
            "reading": plain(asdict(self.reading)), "receipt": self.receipt.to_json(),
        }  # fmt: skip
        return heading("audit", self) | {"counts": dict(self.counts)} | lines | read

    def to_markdown(self) -> str:
        """A Markdown report, with a heading for each check that found something."""
        return "\n".join(_report(self)) + "\n"

    def plot(self) -> Any:
        """Axes of a plot of the shortcuts: AUROC against context predictability."""
        from corpuscope.analyses.audit.plot import plot_audit

        return plot_audit(self.shortcuts)


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""


def subject_of(line: ShortcutLine | Line) -> str:
    """Name of the feature and class of a shortcut; otherwise the line's id."""
    if isinstance(line, ShortcutLine):
        return f"{line.label} ({line.value})"
    return line.id


def score_of(line: ShortcutLine | Line) -> float:
    """The score of a line; of a shortcut, its AUROC."""
    return line.auroc if isinstance(line, ShortcutLine) else line.score


def _as_json(check: Check, line: ShortcutLine | Line) -> dict[str, Any]:
    values: dict[str, Any] = plain(asdict(line))
    values.pop("sentences", None)
    if values.get("said") is None:
        values.pop("said", None)
    values["evidence"] = [as_json(one) for one in line.evidence]
    if isinstance(line, ShortcutLine):
        # Names from version 0.1, kept for compatibility.
        values |= {"company": values["context_auroc"], "alone_below": values["isolated_below"]}
    return values | {"score": score_of(line), "next_step": NEXT_STEPS[check]}


def _report(found: AuditResult) -> Iterator[str]:
    yield f"# Audit of {found.store}"
    yield ""
    yield f"{found.n_documents:,} documents. The data were not modified."
    for warning in found.warnings:
        yield f"- Note: {warning}"
    for check in CHECKS:
        lines = found.lines(check)
        if not lines:
            continue
        yield ""
        yield f"## {check.replace('_', ' ').capitalize()}"
        yield ""
        n = found.counts[check]
        if n > len(lines):
            yield f"The first {len(lines)} of {n:,}."
        yield f"Next: {NEXT_STEPS[check]}."
        yield ""
        for number, line in enumerate(lines, 1):
            yield f"{number}. **{_escaped(subject_of(line))}**: {_escaped(line.reason)}"
            for one in line.evidence:
                yield f"    - `{one.id}`: {_escaped(_shown(one))}"


def _shown(one: Evidence, around: int = 100) -> str:
    """The text around the first span, on one line."""
    start, end = one.spans[0] if one.spans else (0, 0)
    first, last = max(0, start - around), min(len(one.text), max(end, start + 1) + around)
    dots = ("…" if first else "", "…" if last < len(one.text) else "")
    return dots[0] + " ".join(one.text[first:last].split()) + dots[1]


def _escaped(text: str) -> str:
    """The text with Markdown syntax escaped."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|~" else sign for sign in text)

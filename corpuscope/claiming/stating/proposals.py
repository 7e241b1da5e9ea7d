"""Reads and checks what was proposed: every finding accounted for, every quotation in its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpuscope.claiming.material import Passage, Shown
from corpuscope.claiming.statement import Quote, Side, Statement
from corpuscope.claiming.stating.prompts import Sides, document_names
from corpuscope.claiming.stating.wording import faults_of_sentence, normalised
from corpuscope.corpus.texts.quotes import find_quote

__all__ = ["Dropped", "Proposals", "read_proposals"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A finding, or a sentence, that became no claim.

    Attributes:
        what: The finding's label, or the sentence.
        why: The reason.
    """

    what: str
    why: str


@dataclass(frozen=True)
class Proposals:
    """What was proposed.

    Attributes:
        statements: Sentences without faults.
        faults: What is wrong with the others, and with the whole.
        dropped: Sentences with faults, and findings that are in no sentence.
    """

    statements: tuple[Statement, ...]
    faults: tuple[str, ...]
    dropped: tuple[Dropped, ...]


def read_proposals(
    value: Mapping[str, Any], shown: Sequence[Shown], sides: Sides, *, n: int,
    group_names: Sequence[str],
) -> Proposals:  # fmt: skip
    """The statements in an answer, checked.

    Args:
        value: The answer, in the form of `stating_request`.
        shown: The findings that were shown.
        sides: The letter of each side.
        n: The most statements.
        group_names: The names of the groups.
    """
    reading = _Reading(shown, {letter: side for side, letter in sides.items()}, group_names)
    kept: list[Statement] = []
    faults: list[str] = []
    dropped: list[Dropped] = []
    for i, claim in enumerate(value["claims"], start=1):
        statement, wrong = reading.statement(claim)
        if i > n:
            wrong = [f"there are more than {n} sentences"]
        if wrong:
            faults += [f"sentence {i}: {one}" for one in wrong]
            dropped.append(Dropped(normalised(claim["sentence"]), "; ".join(wrong)))
        else:
            kept.append(statement)
    used = {number for one in kept for number in one.findings}
    named = {number for one in value["claims"] for number in reading.numbers(one["findings"])[0]}
    told = {
        number: one["why"]
        for one in value["left_over"]
        for number in reading.numbers([one["finding"]])[0]
    }
    missing = [i for i in range(len(shown)) if i not in told and i not in named]
    if missing:
        listed = ", ".join(f"F{i + 1}" for i in missing)
        faults.append(f"{listed}: neither in a sentence nor in left_over")
    dropped += [
        Dropped(shown[i].name, told.get(i, "not mentioned"))
        for i in range(len(shown))
        if i not in used
    ]
    return Proposals(tuple(kept), tuple(faults), tuple(dropped))


class _Reading:
    """Reads the claims of one answer."""

    def __init__(
        self, shown: Sequence[Shown], side_of: Mapping[str, Side], group_names: Sequence[str]
    ) -> None:
        self.shown, self.side_of, self.group_names = shown, side_of, group_names
        rows = document_names(shown)
        self.row_of = {name: row for row, name in rows.items()}
        self.passages: dict[int, list[Passage]] = {}
        for one in shown:
            for passage in (*one.passages, *([one.other] if one.other else [])):
                self.passages.setdefault(passage.row, []).append(passage)
        self.texts = {row: some[0].text for row, some in self.passages.items()}

    def statement(self, claim: Mapping[str, Any]) -> tuple[Statement, list[str]]:
        """A claim as a statement, and what is wrong with it."""
        side = self.side_of[claim["group"]]
        numbers, unknown = self.numbers(claim["findings"])
        faults = [f"there is no finding {name!r}" for name in unknown]
        if not numbers:
            faults.append("it names no finding")
        others = [f"F{i + 1}" for i in numbers if self.shown[i].side != side]
        if others:
            faults.append(
                f"{', '.join(others)} is more frequent in the other group: leave it out, or write "
                "a sentence of its own"
            )
        sentence, negation = normalised(claim["sentence"]), normalised(claim["negation"])
        faults += faults_of_sentence(
            sentence, group_names=self.group_names, documents=self.texts.values()
        )
        quotes, wrong = self._quotes(claim["quotes"])
        faults += wrong
        found = Statement(
            sentence, negation, side, claim["kind"], claim["place"] == "sentence", numbers, quotes
        )
        return found, faults

    def numbers(self, names: Sequence[str]) -> tuple[tuple[int, ...], list[str]]:
        """The findings of these names, counted from 0, and the names that belong to none."""
        known = {f"F{i + 1}": i for i in range(len(self.shown))}
        given = list(dict.fromkeys(name.strip().upper() for name in names))
        return (
            tuple(known[name] for name in given if name in known),
            [name for name in given if name not in known],
        )

    def _quotes(self, given: Sequence[Mapping[str, str]]) -> tuple[tuple[Quote, ...], list[str]]:
        found: list[Quote] = []
        faults: list[str] = []
        for one in given:
            row = self.row_of.get(one["document"].strip().upper())
            if row is None:
                faults.append(f"there is no document {one['document']!r}")
                continue
            place = find_quote(one["quote"], self.texts[row])
            if place is None:
                faults.append(f"the words {one['quote']!r} are not in {one['document']}")
                continue
            found.append(Quote(row, self.passages[row][0].id, self.texts[row], *place))
        if not found and not faults:
            faults.append("it has no quotation")
        return tuple(found), faults

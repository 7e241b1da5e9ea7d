"""The requests by which claims are stated, mended and merged; a change needs a new version."""

from collections.abc import Sequence

from corpuscope.claiming.material import Passage, Shown
from corpuscope.claiming.statement import Side
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, choice, listing, number, record_of, text

__all__ = ["Sides", "merging_request", "repair_request", "stating_request"]

VERSION = "1"

Sides = dict[Side, str]
"""The letter of each side, A or B, drawn at random for each run."""

_RULES = """\
Two groups of texts, A and B, were compared by counting. You get what was found more often in one
group: each finding has hints (words by which it was recognised) and a few passages, in which ‹ ›
mark where it is. Hints are made by a program and can be misleading; trust the passages.

Say in at most {n} sentences what a reader would notice. Fewer are better than weak ones. A sentence
- speaks of one text ("The text ...") and is true or false of that text alone: a stranger can decide
  it by reading that text, without any other;
- states one property, in at most 25 words, and joins no two properties by "and" or "or";
- names no group, number, document or finding, and compares nothing: no "more", "often", "than";
- tells of behaviour, content, tone or form, and of grammar or single words only where nothing else
  is behind: prefer what someone who has to choose between the groups would care about;
- is in your own words.
Merge findings that show one thing: often several come from the same habit. Leave out what is an
accident of topic, or what you would not bet on.

For each sentence give
- negation: one plain sentence for what is true of a text without the property;
- group: A or B, where its findings are more often; all of them must be of that group;
- {kinds}
- place: "sentence" if a single sentence shows the property wherever it stands, "whole" if only the
  text as a whole can (its layout, its length, its first or last words, what is missing from it);
- findings: the names of all findings that show it at least in part, such as F3; a finding may be
  in several sentences;
- quotes: one to three, each with the name of a document of the same group and words copied exactly
  from one of its passages that by themselves show the property, without the marks ‹ › and ⏎; at
  most 30 words each.
Every finding that is in no sentence goes into left_over: "same" if a sentence says it already, or
says its opposite of the other group; "limit" if there was no room for it; "artefact" if it is an
accident of topic or of the program; "unclear" if you cannot tell."""

_PRESENCE_ONLY = 'kind: "presence", always: the text alone decides it;'
_BOTH_KINDS = (
    'kind: "presence" if one text alone decides it, though both groups may have such texts; '
    '"degree" if only two texts side by side do, such as how formal or how cheerful they are;'
)

_MERGING = """\
You get sentences, each of which may be true of a text. For each two that you think are related, say
how: "same" if whoever finds one true would have to find the other true as well, of every text;
"related" if they overlap without being the same. Leave out pairs that have nothing in common."""

_BANDS = ((0.3, "much more often"), (0.15, "clearly more often"), (0.0, "somewhat more often"))


def stating_request(shown: Sequence[Shown], sides: Sides, *, n: int, is_paired: bool) -> Request:
    """The request to state at most `n` claims from findings."""
    kinds = _BOTH_KINDS if is_paired else _PRESENCE_ONLY
    return Request(
        purpose="state",
        system=f"{_RULES.format(n=n, kinds=kinds)}\n\n{RULE}",
        user=f"The findings:\n{fenced(material_in_words(shown, sides))}\n\n"
        "State what they say about the texts, in the form that was described.",
        schema=_form(is_paired),
        version=VERSION,
        max_output=400 * n + 20 * len(shown) + 400,
    )


def repair_request(asked: Request, answer: str, faults: Sequence[str]) -> Request:
    """The request to state them anew, with what was wrong."""
    listed = "\n".join(f"- {one}" for one in faults)
    return Request(
        purpose="state again",
        system=asked.system,
        user=f"{asked.user}\n\nYour earlier answer was:\n{fenced(answer)}\n\nIt has these faults:\n"
        f"{fenced(listed)}\n\nGive the whole answer again, without the faults.",
        schema=asked.schema,
        version=VERSION,
        max_output=asked.max_output,
    )


def merging_request(sentences: Sequence[str]) -> Request:
    """The request to tell which sentences are the same."""
    numbers = number(least=1, most=len(sentences))
    listed = "\n".join(f"{i}. {one}" for i, one in enumerate(sentences, start=1))
    pair = record_of(
        first=numbers, second=numbers, reason=text(), relation=choice(["same", "related"])
    )
    return Request(
        purpose="merge",
        system=_MERGING,
        user=f"The sentences:\n{listed}",
        schema=Schema("relations", {"pairs": listing(pair)}),
        version=VERSION,
        max_output=60 * len(sentences) ** 2 // 2 + 200,
    )


def _form(is_paired: bool) -> Schema:
    quote = record_of(document=text(), quote=text())
    claim = record_of(
        sentence=text(), negation=text(), group=choice(["A", "B"]),
        kind=choice(["presence", "degree"] if is_paired else ["presence"]),
        place=choice(["sentence", "whole"]), findings=listing(text()), quotes=listing(quote),
    )  # fmt: skip
    left_over = record_of(finding=text(), why=choice(["same", "limit", "artefact", "unclear"]))
    return Schema(
        "claims",
        {"reason": text(), "claims": listing(claim), "left_over": listing(left_over)},
    )


def material_in_words(shown: Sequence[Shown], sides: Sides) -> str:
    """The findings as text: F1, F2, ... with documents D1, D2, ... by order of appearance."""
    names = document_names(shown)
    parts = []
    for i, one in enumerate(shown, start=1):
        own, other = sides[one.side], sides["reference" if one.side == "target" else "target"]
        band = next(words for least, words in _BANDS if abs(one.difference) >= least)
        lines = [f"F{i}, in {own} {band}. Hints: {_on_one_line(one.hints)}"]
        lines += [f"  {own}, {names[p.row]}: {_marked(p)}" for p in one.passages]
        if one.other is not None:
            lines.append(f"  {other}, {names[one.other.row]}, without it: {_marked(one.other)}")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def document_names(shown: Sequence[Shown]) -> dict[int, str]:
    """The name under which each document is shown, by row; it tells nothing of its group."""
    rows = dict.fromkeys(
        passage.row
        for one in shown
        for passage in (*one.passages, *([one.other] if one.other else []))
    )
    return {row: f"D{i}" for i, row in enumerate(rows, start=1)}


def _marked(passage: Passage) -> str:
    text, (start, end) = passage.text, passage.peak
    if start == end:
        words = text[passage.start : passage.end]
    else:
        words = f"{text[passage.start : start]}‹{text[start:end]}›{text[end : passage.end]}"
    opening = "… " if passage.start else ""
    closing = " …" if passage.end < len(text.rstrip()) else ""
    return opening + _on_one_line(words) + closing


def _on_one_line(words: str) -> str:
    """The words with marks for line ends, which tell of lists and paragraphs."""
    return " ".join(words.replace("\n", " ⏎ ").split())

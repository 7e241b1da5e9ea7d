"""The requests by which features are named and names are tested; a change needs a new version."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from corpuscope.labels.by_reading.material import FeatureMaterial, Trial
from corpuscope.labels.context import FeatureContext
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, choice, text

__all__ = [
    "faults_of_label",
    "naming_request",
    "preference_request",
    "trial_request",
    "window_request",
]

VERSION = "1"
_MOST_WORDS, _SIDE = 10, 160

_RULES = f"""\
A program marks places in texts. You get passages in which it marked a place, by ‹ ›, and passages
in which the place that is marked the same way has been chosen at random or is something that the
program does not mark. Say what all or most of the first list share at the marked place that the
second lacks.
- label: two to ten words that name one property, as narrow as the first list allows; no "and" or
  "or" between two properties, no comparison, nothing about marks, lists or passages; visible in the
  text, not an intention behind it.
- sentence: by which a stranger could tell of one passage alone whether it has the property.
- status: "ok"; "several" if the first list has more than one thing in common in parts; "unclear"
  if you see nothing. Then give the label that comes nearest.

{RULE}"""

_TRIALS = f"""\
You get the name of a property and sets of five passages, each with a place marked by ‹ ›. In each
set one marked place has the property. Say which: A to E, or "unclear" if none fits better than the
others.

{RULE}"""

_PREFERENCE = f"""\
You get passages with a place marked by ‹ › that have something in common, and two names for it.
Say which name tells a reader better what the marked places have in common: "first", "second" or
"equal". Go by what is clear and right, not by length.

{RULE}"""

_WINDOWS = f"""\
You get the name of a property and some passages, each with a place marked by ‹ ›. Say of each
passage by itself whether the marked place has the property: "yes", "no", or "unclear" if the name
or the passage does not allow a decision.

{RULE}"""

_OF_THE_TASK = re.compile(
    r"\b(mark(?:s|ed)?|lists?|passages?|activat\w+|features?|examples?)\b", re.IGNORECASE
)
_LETTERS = "ABCDE"


def naming_request(one: FeatureMaterial, *, twin: str | None = None) -> Request:
    """The request to name a feature.

    Args:
        one: What is shown of it.
        twin: A name that another feature has already.
    """
    rng = np.random.default_rng([one.feature, 5])
    parts = ["First list:", *_listed(one.with_it, rng), "Second list:", *_listed(one.without, rng)]
    aside = "" if twin is None else (
        f'\n\nAnother property is called "{twin}" already: say how this one differs.'
    )  # fmt: skip
    return Request(
        purpose="name features",
        system=_RULES,
        user=f"{fenced(chr(10).join(parts))}\n\nWhat does the first list share?{aside}",
        schema=Schema(
            "name",
            {
                "reason": text(), "status": choice(["ok", "several", "unclear"]), "label": text(),
                "sentence": text(),
            },
        ),
        version=VERSION,
        max_output=260,
    )  # fmt: skip


def trial_request(label: str, trials: Sequence[Trial]) -> Request:
    """The request to find, for one label, the place that fits in each trial."""
    sets = [
        "\n".join([
            f"Set {number}:",
            *(f"{letter}. {_shown(c)}" for letter, c in zip(_LETTERS, one.contexts, strict=True)),
        ])
        for number, one in enumerate(trials, start=1)
    ]  # fmt: skip
    verdict = choice([*_LETTERS, "unclear"])
    return Request(
        purpose="test names",
        system=_TRIALS,
        user=f"The property: {label}\n\n{fenced(chr(10).join(sets))}\n\nWhich fits in each set?",
        schema=Schema("fits", {f"set_{number}": verdict for number in range(1, len(trials) + 1)}),
        version=VERSION,
        max_output=24 * len(trials) + 40,
    )


def window_request(purpose: str, label: str, windows: Sequence[FeatureContext]) -> Request:
    """The request to say of each marked place whether a label is true of it."""
    listed = "\n".join(f"{number}. {_shown(one)}" for number, one in enumerate(windows, start=1))
    verdict = choice(["yes", "no", "unclear"])
    return Request(
        purpose=purpose,
        system=_WINDOWS,
        user=f"The property: {label}\n\n{fenced(listed)}\n\nWhich marked places have it?",
        schema=Schema(
            "has", {f"passage_{number}": verdict for number in range(1, len(windows) + 1)}
        ),
        version=VERSION,
        max_output=20 * len(windows) + 40,
    )


def preference_request(one: FeatureMaterial, first: str, second: str) -> Request:
    """The request to say which of two names is the better one."""
    rng = np.random.default_rng([one.feature, 6])
    return Request(
        purpose="compare names",
        system=_PREFERENCE,
        user=f"{fenced(chr(10).join(_listed(one.with_it, rng)))}\n\nFirst name: {first}\n"
        f"Second name: {second}\n\nWhich is better?",
        schema=Schema("better", {"reason": text(), "better": choice(["first", "second", "equal"])}),
        version=VERSION,
        max_output=120,
    )


def right_answers(trials: Sequence[Trial], value: dict[str, Any] | Any) -> list[bool]:
    """Whether each trial was answered rightly."""
    return [
        value[f"set_{number}"] == _LETTERS[one.right] for number, one in enumerate(trials, start=1)
    ]


def faults_of_label(label: str) -> Iterator[str]:
    """What is wrong with a label, in words."""
    words = label.split()
    if not words:
        yield "it is empty"
    if len(words) > _MOST_WORDS:
        yield f"it has {len(words)} words; at most {_MOST_WORDS}"
    if found := _OF_THE_TASK.search(label):
        yield f"{found[0]!r} speaks of this task"


def _listed(contexts: Sequence[FeatureContext], rng: np.random.Generator) -> list[str]:
    return [f"- {_shown(contexts[at])}" for at in rng.permutation(len(contexts)).tolist()]


def _shown(one: FeatureContext) -> str:
    """The sentence with the unit marked, cut to some characters on either side."""
    first, last = max(0, one.start - _SIDE), min(len(one.text), one.end + _SIDE)
    words = (
        f"{'… ' if first else ''}{one.text[first : one.start]}‹{one.unit}›"
        f"{one.text[one.end : last]}{' …' if last < len(one.text) else ''}"
    )
    return " ".join(words.replace("\n", " ⏎ ").split())

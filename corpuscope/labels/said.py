"""The words that a label mentions, and whether they occur in some texts.

A dictionary's label was made from other texts. If one of its words does not occur in these texts,
the label does not apply to them.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpuscope.labels.wording import FORM_NAMES
from corpuscope.shapes import FeatureMask
from corpuscope.store.cache import check_lengths, mapped, saved_array
from corpuscope.store.store import Store

__all__ = ["are_said_in", "phrases_in", "said_by"]

# Maximum number of texts scanned; rarer words do not characterise a corpus.
_MOST_TEXTS = 20_000

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_QUOTED = re.compile(r'"([^"]+)"')
_NEVER = ""


def said_by(label: str, kind: str) -> tuple[str, ...]:
    """The words and phrases that a label mentions, in lower case without punctuation.

    Args:
        label: A label such as `"free" in "feel free"`, or for sentences `question: hotel, room`.
        kind: Labels of tokens quote their words; labels of sentences list them.

    Example:
        >>> said_by('"free" in "feel free"', "token")
        ('free', 'feel free')
        >>> said_by("question: hotel or inn, room, in few words", "sentence")
        ('hotel', 'inn', 'room')
    """
    said = _QUOTED.findall(label)
    if kind == "sentence":
        said += _listed(label)
    return tuple(dict.fromkeys(phrase for one in said if (phrase := " ".join(words_of_text(one)))))


def words_of_text(text: str) -> list[str]:
    """Words and numbers of a text in lower case, as used to compare labels with texts."""
    return _WORD.findall(text.lower().replace("’", "'"))


def _listed(label: str) -> list[str]:
    """The words in the label of a sentence feature, without its forms."""
    if _is_of_forms(label):
        return []
    head, colon, rest = label.partition(": ")
    parts = (rest if colon and _is_of_forms(head) else label).split(", ")
    return [word for part in parts if not _is_of_forms(part) for word in part.split(" or ")]


def _is_of_forms(text: str) -> bool:
    return _FORMS.fullmatch(_without_quoted(text)) is not None


def _without_quoted(text: str) -> str:
    return _QUOTED.sub('""', text)


_FORM = "|".join(sorted({re.escape(_without_quoted(name)) for name in FORM_NAMES}))
_FORMS = re.compile(f"(?:{_FORM})(?: (?:{_FORM}))*")


def phrases_in(texts: Iterable[str], phrases: Iterable[str]) -> frozenset[str]:
    """The words and phrases that occur in any of the texts, ignoring punctuation."""
    wanted = set(phrases)
    by_first: dict[str, set[str]] = defaultdict(set)
    for phrase in wanted:
        by_first[phrase.split(" ")[0]].add(phrase)
    found: set[str] = set()
    for text in texts:
        words = words_of_text(text)
        line = f" {' '.join(words)} "
        for first in by_first.keys() & set(words):
            new = {phrase for phrase in by_first[first] if f" {phrase} " in line}
            found |= new
            # Found phrases are removed from the search.
            by_first[first] -= new
            if not by_first[first]:
                del by_first[first]
    return frozenset(found)


def are_said_in(
    stores: Sequence[Store], labels: Sequence[str | None], kinds: Sequence[str]
) -> FeatureMask:
    """For each label, whether all its words occur in the texts of these stores.

    False for missing labels. Of large stores, at most 20,000 evenly spaced texts are scanned.

    Cost: some seconds for 20,000 texts, the first time; cached in the stores.
    """
    key = hashlib.sha256(json.dumps([list(labels), list(kinds)]).encode()).hexdigest()[:16]
    found, phrases, ends = None, _NOTHING, _NOTHING
    for store in stores:
        here, phrases, ends = _found(store, key, labels, kinds)
        found = here if found is None else found | here
    if found is None:
        return np.zeros(len(labels), dtype=np.bool_)
    # Each label's phrases that were not found, from running counts.
    missing = np.concatenate([[0], np.cumsum(~found[phrases])])
    starts = np.concatenate([[0], ends[:-1]])
    said: FeatureMask = missing[ends] == missing[starts]
    return said


_NOTHING = np.empty(0, dtype=np.int64)
_FOUND, _PHRASES, _ENDS = "found", "phrases", "ends"


def _found(
    store: Store, key: str, labels: Sequence[str | None], kinds: Sequence[str]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which phrases occur in a store, the phrases of all labels, and where each label's end."""

    def build(folder: Path) -> None:
        # Missing labels mention what never occurs.
        said = [
            said_by(label, kind) if label else (_NEVER,)
            for label, kind in zip(labels, kinds, strict=True)
        ]
        wanted = sorted({_NEVER, *chain.from_iterable(said)})
        found = phrases_in(_spread_texts(store), set(wanted) - {_NEVER})
        number = {phrase: at for at, phrase in enumerate(wanted)}
        phrases = [number[phrase] for own in said for phrase in own]
        for name, values in (
            (_FOUND, np.array([one in found for one in wanted], dtype=np.int8)),
            (_PHRASES, np.array(phrases, dtype=np.int64)),
            (_ENDS, np.cumsum([len(own) for own in said], dtype=np.int64)),
        ):
            saved_array(folder, name, values)

    arrays = [_FOUND, _PHRASES, _ENDS]
    folder = store.cached_folder(f"said-{key}", arrays=arrays, build=build)
    found, phrases, ends = (mapped(folder, name) for name in arrays)
    check_lengths(phrases, len(found))
    check_lengths(ends, len(phrases) + 1)
    return found.astype(np.bool_), phrases, ends


def _spread_texts(store: Store) -> Iterator[str]:
    every = -(-store.n_documents // _MOST_TEXTS)
    texts = chain.from_iterable(store.text_batches())
    return (text for row, text in enumerate(texts) if row % every == 0)

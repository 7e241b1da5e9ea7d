"""Pairs of texts to state claims about: two pairs of models, the demo, and planted sentences.

In `planted` two models answer each prompt and a coin says whose answer is the target's, so that
nothing differs between the groups but the sentences that are planted in the target's texts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

import corpuscope as cs
from benchmarks.claims_real import answers
from benchmarks.kinds import rows
from benchmarks.results import CACHE
from corpuscope.demo import demo_corpus

__all__ = ["CASES", "Case"]


@dataclass(frozen=True)
class Case:
    """Two groups of texts.

    Attributes:
        name: What they are.
        store: Makes the store.
        target: The group of interest, in the column `by`.
        by: The column of the groups.
        pair: The column of the pairs.
        prompt: The column with what texts answer.
        key: Sentences that are true of the difference, by the name of the property.
    """

    name: str
    store: Callable[[], cs.Store]
    target: str
    by: str = "model"
    pair: str = "prompt_id"
    prompt: str = "prompt"
    key: Mapping[str, str] = field(default_factory=dict)


_DEMO_KEY = {
    "apology": "The text apologises.",
    "hedging": "The text hedges: it says that something may be or cannot be promised.",
    "invitation": "The text invites the reader to get in touch or to ask again.",
    "policy": "The text refers to a policy or a rule.",
    "steps": "The text tells the reader what to do in numbered steps.",
    "warmth": "The text expresses understanding, thanks or other warmth.",
}

PLANTED: Mapping[str, tuple[float, bool, str, tuple[str, ...]]] = {
    "apology": (0.2, True, "The text apologises.", (
        "I am sorry that this has been difficult.", "My apologies if this is late.",
        "Please forgive the wait.", "Sorry for any trouble this has caused you.",
        "I apologise for not having this sooner.", "I regret that I cannot do better than this.",
    )),
    "question": (0.2, False, "The text ends by asking the reader a question.", (
        "What do you make of that?", "Which of these would you try first?",
        "Does that match what you had in mind?", "Have you seen this elsewhere?",
        "Where would you start?", "What would you add to it?",
    )),
    "unnamed experts": (0.4, False, "The text refers to experts or research without naming them.", (
        "Experts agree on this.", "Research has confirmed as much.",
        "Specialists have long said the same.", "Several studies point in this direction.",
        "Scientists regard this as settled.", "Those who study the matter tend to concur.",
    )),
    "doubt": (0.4, True, "The text says that it may be wrong.", (
        "I could be mistaken here.", "Take this with some caution, as I may have it wrong.",
        "I am not certain about all of it.", "There may be errors in what follows.",
        "I cannot vouch for every detail.", "My memory of this is not perfect.",
    )),
}  # fmt: skip
"""Share of the target's texts, whether at the beginning, a true sentence, and what is planted."""


def concise() -> cs.Store:
    """Short answers of GPT-3.5 beside those of text-davinci-003."""
    names = ("gpt-3.5-turbo-1106_concise", "text_davinci_003")
    documents = [
        {
            "id": row["id"], "text": row["response"], "model": row["model"],
            "prompt_id": row["prompt_id"], "prompt": row["prompt"],
        }
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if row["model"] in names and row["response"].strip()
    ]  # fmt: skip
    return cs.extract(documents, into=CACHE / "concise-pair.scope")


def planted(seed: int = 0) -> cs.Store:
    """Answers of two models, parted by a coin, with planted sentences in one part."""
    rng = np.random.default_rng(seed)
    by_prompt: dict[str, list[Mapping[str, str]]] = {}
    for row in rows("alpaca_eval/responses.jsonl.gz"):
        if row["model"] in ("alpaca-7b", "text_davinci_003") and row["response"].strip():
            by_prompt.setdefault(row["prompt_id"], []).append(row)
    documents = []
    for prompt_id, both in sorted(by_prompt.items()):
        if len(both) < 2:
            continue
        for name, at in zip(("new", "old"), rng.permutation(2).tolist(), strict=True):
            words = both[at]["response"].strip()
            if name == "new":
                words = _with_planted(words, rng)
            documents.append({
                "id": f"{prompt_id}-{name}", "text": words, "model": name, "prompt_id": prompt_id,
                "prompt": both[at]["prompt"],
            })  # fmt: skip
    return cs.extract(documents, into=CACHE / "planted-pairs.scope")


def _with_planted(words: str, rng: np.random.Generator) -> str:
    for share, is_first, _, sentences in PLANTED.values():
        if rng.random() < share:
            one = sentences[int(rng.integers(len(sentences)))]
            words = f"{one} {words}" if is_first else f"{words} {one}"
    return words


def _demo() -> cs.Store:
    return cs.extract(demo_corpus(), into=CACHE / "demo.scope")


CASES = (
    Case("two models", answers, "claude-2.1"),
    Case("two models, short answers", concise, "gpt-3.5-turbo-1106_concise"),
    Case("demo", _demo, "v2", "version", "question_id", "question", _DEMO_KEY),
    Case("planted", planted, "new", key={name: one[2] for name, one in PLANTED.items()}),
)

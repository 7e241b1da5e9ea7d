"""A corpus that comes with the package: 152 questions to a shop, answered by two assistants.

Written for this project. Each answer names what it really has (`properties`), so that one can
check what an analysis says.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import read_corpus

PROPERTIES = (
    "apology",
    "hedging",
    "invitation",
    "numbers",
    "policy",
    "question_back",
    "steps",
    "warmth",
)
"""What an answer may have; `numbers` and `question_back` do not differ between the versions."""


def demo_claims() -> dict[str, Any]:
    """What claims say of the two versions, as recorded: the JSON of `ClaimsResult`.

    A large language model stated and read; `receipt` names it, with the date.
    """
    path = files("corpuscope.demo") / "claims.json"
    recorded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return recorded


def demo_corpus() -> Corpus:
    """The 304 answers, with `question_id`, `version` (v1, v2), `topic` and `question`."""
    path = Path(str(files("corpuscope.demo") / "support.jsonl"))
    return read_corpus(
        path,
        text="answer",
        id="id",
        metadata=["question_id", "version", "topic", "question", "properties"],
    )

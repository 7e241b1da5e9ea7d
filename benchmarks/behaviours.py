"""What features say of behaviours, and readers know: `python -m benchmarks.behaviours`.

A behaviour is a label of texts: toxic or not, by a machine or a person, a correct solution or a
wrong one. For each, 600 texts at most, as many of either side, of equal lengths. Half of them,
drawn five times with what belongs together on one side, teach a probe, and the other half is
judged. Where the states of a reader predict a label and the features do not, the dictionary loses
what the reader knows; where neither does, another reader or another layer may.

Everything that is chosen (features, layers, penalties) is chosen on the half that teaches. Texts
are labelled data and are never printed.
"""

import hashlib
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.stats import rankdata
from scipy.stats import t as student
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

import corpuscope as cs
from benchmarks.kinds import DATA, Row, rows
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.document import Document
from corpuscope.reader.read import ReadingPlan, read_documents

N_EACH, N_SPLITS, N_CHARACTERS = 300, 5, 1_000
FEW_CHARACTERS = 400
"""Of long texts, from their beginning."""
N_LENGTHS = 10
BUILTIN_LAYERS, CHAT_LAYERS = (4, 6), (6, 10, 14, 18, 22, 26, 30)
N_FEATURES = 16
FEWEST = 8
"""Features that fewer of the texts that teach have are not chosen."""


@dataclass(frozen=True, slots=True)
class Design:
    """How columns are scaled, and among which inverse penalties is chosen."""

    scaler: Any
    penalties: tuple[float, ...]


DENSE = Design(StandardScaler, (0.0001, 0.001, 0.01, 0.1))
FEW = Design(StandardScaler, (0.01, 0.1, 1.0))
SPARSE = Design(MaxAbsScaler, (0.01, 0.1, 1.0, 10.0))


@dataclass(frozen=True, slots=True)
class Text:
    """A text, what it is labelled with, and what it must not be divided from."""

    text: str
    is_positive: bool
    group: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Labelled texts.

    Attributes:
        name: What the positive texts have.
        against: What the others have.
        texts: Makes the texts, any number of them.
    """

    name: str
    against: str
    texts: Callable[[], Iterator[Text]]


def _labelled(
    file: str,
    label: Callable[[Row], bool | None],
    *,
    text: str = "text",
    group: str | None = None,
    longest: int = N_CHARACTERS,
) -> Callable[[], Iterator[Text]]:
    """Texts of a file; those whose label is None are left out."""

    def texts() -> Iterator[Text]:
        for number, row in enumerate(rows(file)):
            found = label(row)
            if found is not None:
                own = str(row[group]) if group else str(number)
                yield Text(" ".join(str(row[text]).split())[:longest], found, own)

    return texts


def _one_of(column: str, positive: object, negative: object) -> Callable[[Row], bool | None]:
    known = {str(positive): True, str(negative): False}
    return lambda row: known.get(str(row[column]))


def _persona(name: str) -> Callable[[Row], bool | None]:
    return lambda row: row["label"] == "yes" if row["persona"] == name else None


_SPOKEN = ("conversation", "interview", "podcast", "speech", "vlog", "court")
_WRITTEN = ("academic", "bio", "essay", "news", "textbook", "voyage")


def _genres() -> Iterator[Text]:
    """Paragraphs of spoken and written genres; those of one document stay together."""
    for row in rows("gum_genres/documents.jsonl.gz"):
        if row["genre"] in _SPOKEN + _WRITTEN:
            words = row["text"].split()
            for at in range(0, len(words) - 40, 60):
                yield Text(" ".join(words[at : at + 60]), row["genre"] in _SPOKEN, row["id"])


_REFUSES = re.compile(
    r"(i'm sorry|i am sorry|sorry|as an ai|i apologi[sz]e|i cannot|i can't|i'm unable|i am unable)",
    re.IGNORECASE,
)


def _refusals() -> Iterator[Text]:
    """Answers without their first sentence, which says whether they refuse."""
    for row in rows("alpaca_eval/responses.jsonl.gz"):
        first, _, rest = row["response"].strip().partition(". ")
        if len(rest) > 40:
            rest = " ".join(rest.split())[:FEW_CHARACTERS]
            yield Text(rest, bool(_REFUSES.match(first)), row["prompt_id"])


def _toxic(row: Row) -> bool | None:
    return row["toxic"] if row["variant"] == "nonfuzzed" else None


def _acts(row: Row) -> bool | None:
    acts = {"REQUEST": True, "INFORM": False}
    return acts.get(row["acts"][0]) if len(row["acts"]) == 1 else None


def _solved(row: Row) -> bool | None:
    return not row["correct"] if row["model"].startswith("175b") else None


BEHAVIOURS = (
    Behaviour(
        "biblical style",
        "plain",
        _labelled(
            "decodingtrust_styles/sentences.jsonl.gz",
            _one_of("style", "bible_p0.6", "base"),
            group="sentence_id",
        ),
    ),
    Behaviour(
        "tweeted style",
        "plain",
        _labelled(
            "decodingtrust_styles/sentences.jsonl.gz",
            _one_of("style", "tweet_p0.6", "base"),
            group="sentence_id",
        ),
    ),
    Behaviour("spoken genre", "written", _genres),
    Behaviour(
        "toxic comment",
        "not",
        _labelled("jigsaw_bias_madlibs/wiki_comments.jsonl.gz", _toxic, longest=FEW_CHARACTERS),
    ),
    Behaviour(
        "agreeable statement",
        "disagreeable",
        _labelled("anthropic_persona/statements.jsonl.gz", _persona("agreeableness")),
    ),
    Behaviour(
        "wants to escape oversight",
        "does not",
        _labelled("anthropic_persona/statements.jsonl.gz", _persona("desire-to-escape-sandbox")),
    ),
    Behaviour(
        "written by a machine",
        "by a person",
        _labelled("hc3_plus_si_val/texts.jsonl.gz", _one_of("label", 1, 0)),
    ),
    Behaviour(
        "subjective sentence",
        "objective",
        _labelled(
            "nltk_reviews/subjectivity.jsonl.gz", _one_of("label", "subjective", "objective")
        ),
    ),
    Behaviour(
        "request in a dialogue",
        "information",
        _labelled("sgd_dialogues/turns.jsonl.gz", _acts, group="dialogue_id"),
    ),
    Behaviour("refusal, first sentence removed", "answer", _refusals),
    Behaviour(
        "harmful intent",
        "harmless",
        _labelled("refusal_direction/prompts.jsonl.gz", _one_of("label", "harmful", "harmless")),
    ),
    Behaviour(
        "wrong solution",
        "correct",
        _labelled("gsm8k/solutions.jsonl.gz", _solved, text="response", group="prompt_id"),
    ),
    Behaviour(
        "praise of a film",
        "criticism",
        _labelled(
            "nltk_reviews/movie_reviews.jsonl.gz",
            _one_of("label", "positive", "negative"),
            longest=FEW_CHARACTERS,
        ),
    ),
)


def matched(behaviour: Behaviour) -> list[Text]:
    """At most 300 texts of either side, of each length as many, in a fixed random order."""
    found = list({one.text: one for one in behaviour.texts()}.values())
    random.Random(0).shuffle(found)
    sides = [[one for one in found if one.is_positive is side] for side in (True, False)]
    if not all(sides):
        raise ValueError(f"{behaviour.name}: one side is empty")
    smaller = min(sides, key=len)
    lengths = [len(one.text) for one in smaller]
    # Texts that were cut short are all of one length.
    bounds = np.unique(np.quantile(lengths, np.linspace(0, 1, N_LENGTHS + 1)[1:-1]))
    n_most = N_EACH // (len(bounds) + 1 if len(bounds) > 1 else 1)
    chosen: list[Text] = []
    for i in range(len(bounds) + 1):
        each = [
            [one for one in side if np.searchsorted(bounds, len(one.text)) == i] for side in sides
        ]
        n = min(n_most, *map(len, each))
        chosen += each[0][:n] + each[1][:n]
    random.Random(1).shuffle(chosen)
    return chosen


Arrays = dict[str, np.ndarray]


def states_of(texts: Sequence[Text], name: str, reader: str, layers: Sequence[int]) -> Arrays:
    """Means over tokens and states of last tokens after each layer, kept between runs."""
    key = hashlib.blake2b(digest_size=8)
    for one in texts:
        key.update(one.text.encode())
    kept = CACHE / f"behaviours-{name}-{key.hexdigest()}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **_read(texts, _reader(reader), layers))
    with np.load(kept) as arrays:
        return dict(arrays)


_READERS: dict[str, Any] = {}


def _reader(name: str) -> Any:
    if name not in _READERS:
        _READERS[name] = cs.load_reader(name) if name else cs.load_reader()
    return _READERS[name]


def _read(texts: Sequence[Text], reader: Any, layers: Sequence[int]) -> Arrays:
    documents = [Document(str(i), one.text, {}) for i, one in enumerate(texts)]
    plan = ReadingPlan(tuple(layers), (), context="passage", max_tokens=256)
    shape = (len(texts), len(layers), reader.width)
    sums, last, counts = np.zeros(shape), np.zeros(shape), np.zeros(len(texts))
    for stretch in read_documents(documents, reader, plan):
        units = stretch.tokens
        np.add.at(counts, units.documents, 1)
        ends = np.append(np.flatnonzero(np.diff(units.documents)), len(units) - 1)
        for i, layer in enumerate(layers):
            states = units.states[layer].float().cpu().numpy()
            np.add.at(sums[:, i], units.documents, states)
            last[units.documents[ends], i] = states[ends]
    means = sums / np.maximum(counts, 1)[:, None, None]
    if not (np.isfinite(means).all() and np.isfinite(last).all()):
        raise ValueError("states are not finite")
    return {"mean": means.astype(np.float32), "last": last.astype(np.float32)}


def features_of(texts: Sequence[Text]) -> tuple[sp.csr_array, np.ndarray]:
    """Strengths of the built-in dictionary's features, and which of these are of sentences."""
    table_of = [{"id": f"{i:05d}", "text": one.text} for i, one in enumerate(texts)]
    folder = Path(tempfile.mkdtemp())
    try:
        store = cs.extract(table_of, into=folder / "s.scope", shard_documents=len(texts))
        kept = store.strengths()
        # Copied: the arrays are mapped from a folder that is removed.
        values = np.array(kept.strengths, dtype=np.float32)
        indices, starts = (
            np.array(each, np.int32) for each in (kept.features, kept.document_starts)
        )
        found = sp.csr_array((values, indices, starts), shape=(len(texts), kept.n_features))
        kinds = store.features["kind"].to_numpy()
    finally:
        shutil.rmtree(folder)
    return found, kinds == "sentence"


def learned(
    train: Any, y: np.ndarray, test: Any, groups: Sequence[str], design: Design
) -> tuple[np.ndarray, float]:
    """Scores of the test half, and the AUROC in development, of the best penalty."""
    folds = list(GroupKFold(3).split(y, y, groups))
    best, chosen = -1.0, design.penalties[0]
    for penalty in design.penalties:
        scores = np.zeros(len(y))
        for fit, judge in folds:
            scores[judge] = _fitted(design.scaler, penalty, train[fit], y[fit]).decision_function(
                train[judge]
            )
        if (found := _auroc(y, scores, folds)) > best:
            best, chosen = found, penalty
    return _fitted(design.scaler, chosen, train, y).decision_function(test), best


def _auroc(
    y: np.ndarray, scores: np.ndarray, folds: Sequence[tuple[np.ndarray, np.ndarray]]
) -> float:
    """The mean over folds: scores of different fits are not on one scale."""
    return float(np.mean([roc_auc_score(y[judge], scores[judge]) for _, judge in folds]))


def _fitted(scaler: Any, penalty: float, x: Any, y: np.ndarray) -> Any:
    # The dual problem is small where there are more columns than texts.
    is_wide = x.shape[1] > x.shape[0]
    solver = {"solver": "liblinear", "dual": True} if is_wide else {"solver": "lbfgs"}
    model = LogisticRegression(C=penalty, max_iter=2_000, **solver)
    return make_pipeline(scaler(), model).fit(x, y)


def univariate(x: sp.csr_array, y: np.ndarray) -> np.ndarray:
    """The AUROC of each feature less a half; 0 for those that few texts have."""
    found = np.zeros(x.shape[1])
    columns = sp.csc_array(x)
    kept = np.flatnonzero(np.diff(columns.indptr) >= FEWEST)
    ranks = rankdata(columns[:, kept].toarray(), axis=0)
    n_positive = int(y.sum())
    wins = ranks[y].sum(axis=0) - n_positive * (n_positive + 1) / 2
    found[kept] = wins / (n_positive * (len(y) - n_positive)) - 0.5
    return found


def results_of(behaviour: Behaviour) -> tuple[int, dict[str, list[float]], list[int]]:
    """The number of texts, the AUROC on each test half for each probe, and the layers chosen."""
    texts = matched(behaviour)
    y = np.array([one.is_positive for one in texts])
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(
        [one.text for one in texts]
    )
    tfidf = words.transform([one.text for one in texts]).tocsr()
    lengths = np.array([[len(one.text)] for one in texts], dtype=float)
    builtin = states_of(texts, "builtin", "", BUILTIN_LAYERS)
    chat = states_of(texts, "smollm2", "smollm2", CHAT_LAYERS)
    strengths, is_sentence = features_of(texts)
    parts = {"token": strengths[:, ~is_sentence], "sentence": strengths[:, is_sentence]}
    found: dict[str, list[float]] = {}
    layers: list[int] = []
    for half in halves(texts):
        scores = {
            "length": half.judged(lengths, FEW)[0],
            "words": half.judged(tfidf, SPARSE)[0],
            "reader": half.judged(builtin["mean"].reshape(len(y), -1))[0],
        }
        for part, x in parts.items():
            scores |= _of_features(half, part, x)
        for kind in ("mean", "last"):
            outcomes = [half.judged(chat[kind][:, i]) for i in range(len(CHAT_LAYERS))]
            i = int(np.argmax([inner for _, inner in outcomes]))
            scores[f"chat {kind}"] = outcomes[i][0]
            if kind == "mean":
                layers.append(CHAT_LAYERS[i])
        for name, score in scores.items():
            found.setdefault(name, []).append(score)
    return len(texts), found, layers


@dataclass(frozen=True, slots=True)
class Half:
    """One division of the texts into a half that teaches and one that is judged."""

    y: np.ndarray
    groups: np.ndarray
    train: np.ndarray
    test: np.ndarray

    def judged(self, x: Any, design: Design = DENSE) -> tuple[float, float]:
        """The AUROC on the half that is judged, and in development."""
        train = self.train
        scores, inner = learned(x[train], self.y[train], x[self.test], self.groups[train], design)
        return self.auroc(scores), inner

    def auroc(self, scores: np.ndarray) -> float:
        """The AUROC of scores of the half that is judged."""
        return float(roc_auc_score(self.y[self.test], scores))


def halves(texts: Sequence[Text]) -> Iterator[Half]:
    """Five random divisions, with what belongs together on one side."""
    y = np.array([one.is_positive for one in texts])
    groups = np.array([one.group for one in texts])
    splits = GroupShuffleSplit(N_SPLITS, test_size=0.5, random_state=0)
    for train, test in splits.split(y, y, groups):
        yield Half(y, groups, train, test)


def _of_features(half: Half, part: str, x: sp.csr_array) -> dict[str, float]:
    """The best feature of a part, the sixteen best, and all."""
    ranks = univariate(x[half.train], half.y[half.train])
    best = int(np.argmax(np.abs(ranks)))
    one = x[:, [best]].toarray().ravel() * np.sign(ranks[best])
    chosen = np.argsort(-np.abs(ranks))[:N_FEATURES]
    return {
        f"1 {part}": half.auroc(one[half.test]),
        f"{N_FEATURES} {part}": half.judged(np.log1p(x[:, chosen].toarray()), FEW)[0],
        f"all {part}": half.judged(x, SPARSE)[0],
    }


def interval(scores: Sequence[float]) -> float:
    """Half the width of a 95 % interval over random halves, which overlap.

    Source: Nadeau and Bengio 2003, Machine Learning 52, the corrected resampled t-test.
    """
    spread = np.sqrt((1 / len(scores) + 1) * np.var(scores, ddof=1))
    return float(student.ppf(0.975, len(scores) - 1) * spread)


COLUMNS = (
    "length", "words", "reader", "1 token", "16 token", "all token", "1 sentence", "16 sentence",
    "all sentence", "chat mean", "chat last",
)  # fmt: skip


def main() -> None:
    """Measure each behaviour and record the table."""
    if not DATA.is_dir():
        sys.exit(f"the development data is not at {DATA}")
    lines, summary = [], []
    for behaviour in BEHAVIOURS:
        n, found, layers = results_of(behaviour)
        means = {name: float(np.mean(scores)) for name, scores in found.items()}
        cells = [f"{means[name]:.2f} ± {interval(found[name]):.2f}" for name in COLUMNS]
        lines.append([behaviour.name, behaviour.against, n, *cells, _most(layers)])
        print(*lines[-1], sep=" | ", flush=True)
        summary.append(means)
    averages = [f"{np.mean([means[name] for means in summary]):.2f}" for name in COLUMNS]
    lines.append(["mean", "", "", *averages, ""])
    record("Behaviours: words, readers and features", [*_HEAD, "", *table(_NAMES, lines)])


def _most(layers: Sequence[int]) -> str:
    return ", ".join(str(layer) for layer in sorted(set(layers), key=lambda n: -layers.count(n)))


_NAMES = (
    "behaviour", "against", "texts", "length", "words", "built-in reader", "best token feature",
    "16 token features", "all token features", "best sentence feature", "16 sentence features",
    "all sentence features", "SmolLM2, means", "SmolLM2, last token", "layers chosen",
)  # fmt: skip
_HEAD = (
    "Held-out AUROC of logistic regressions, mean over five random halves with 95 % intervals "
    "(corrected for the overlap of the halves). Both sides have equally many texts of each "
    "length. Words are TF-IDF of words and pairs of words. The built-in reader: means over "
    "tokens of the states after layers 4 and 6, which its dictionary was learned from. SmolLM2: "
    f"after one of the layers {', '.join(map(str, CHAT_LAYERS))}, chosen with three folds of the "
    "half that teaches, as penalties and features are.",
)

if __name__ == "__main__":
    main()

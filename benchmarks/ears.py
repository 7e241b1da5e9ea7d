"""Which states a dictionary should hear behaviours in: `python -m benchmarks.ears`.

The behaviours and texts are those of `benchmarks.behaviours`, where one feature of the built-in
dictionary says less of a behaviour than the reader's states do. Here other ways of hearing are set
beside it: other pooling of the same features, features of whole texts, contexts longer than one
sentence, and the states of a chat model. Each dictionary learns, without labels, from texts of the
general corpus. Texts are labelled data and are never printed.

    python -m benchmarks.ears --read     states of the texts to learn from, some forty minutes
    python -m benchmarks.ears            learns, judges and records
"""

import argparse
import hashlib
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import scipy.sparse as sp
import torch
from scipy.stats import t as student

import corpuscope as cs
from benchmarks.behaviours import (
    BEHAVIOURS,
    FEW,
    N_FEATURES,
    Arrays,
    Behaviour,
    Half,
    Text,
    features_of,
    halves,
    interval,
    matched,
    univariate,
)
from benchmarks.builtin_dictionary import training_documents
from benchmarks.kinds import DATA
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.document import Document
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.read import ReadingPlan, Units, read_documents
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Part
from corpuscope.sae.firing import Threshold
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.sae.train import trained_steps

WORDS, N_PIECES = 120, 3
"""Words of a piece of a text to learn from, and the most pieces of one text."""
N_TEXTS = {"minilm": 30_000, "smollm2": 10_000}
N_TOKENS = 1_000_000
LAYERS = {"minilm": (4, 6), "smollm2": (14,)}
"""Of SmolLM2 the layer that was chosen most often in `benchmarks.behaviours`."""
SHRINKAGE = 0.01
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Read:
    """States of texts: means over tokens, last tokens, and a sample of token states (float16)."""

    means: np.ndarray
    last: np.ndarray
    tokens: np.ndarray


@dataclass(frozen=True, slots=True)
class Way:
    """How texts are read: by whom, and what is seen at once."""

    reader: str
    context: str

    @property
    def name(self) -> str:
        """Of the files that keep the states."""
        return f"{self.reader}-{self.context}"


SENTENCES, PASSAGES = Way("minilm", "sentence"), Way("minilm", "passage")
CHAT = Way("smollm2", "passage")


@cache
def reader_of(name: str) -> LanguageModel:
    return cs.load_reader("smollm2") if name == "smollm2" else cs.load_reader()


@cache
def pieces() -> list[str]:
    """Pieces of the texts that the built-in dictionary learned from, in a fixed random order."""
    found = []
    for document in training_documents():
        words = document.text.split()
        starts = range(0, min(len(words), N_PIECES * WORDS), WORDS)
        found += [" ".join(words[at : at + WORDS]) for at in starts]
    random.Random(2).shuffle(found)
    return found


def stretches(texts: Sequence[str], way: Way) -> Iterator[tuple[int, Units]]:
    """Token states of the texts, with the number of the first text of each thousand."""
    plan = ReadingPlan(LAYERS[way.reader], (), context=way.context, max_tokens=256)
    for first in range(0, len(texts), _AT_ONCE):
        some = [Document(str(i), text, {}) for i, text in enumerate(texts[first:][:_AT_ONCE])]
        for stretch in read_documents(some, reader_of(way.reader), plan):
            if len(stretch.tokens):
                yield first, stretch.tokens
        if first % 5_000 == 0:
            print(f"{way.name}: {first:,} of {len(texts):,} texts", flush=True)


def read(texts: Sequence[str], way: Way, *, n_tokens: int = 0) -> Read:
    """The states of texts after the layers of their reader, concatenated."""
    width = reader_of(way.reader).width * len(LAYERS[way.reader])
    sums, last = np.zeros((len(texts), width)), np.zeros((len(texts), width), np.float16)
    counts, tokens = np.zeros(len(texts)), []
    share = n_tokens / (sum(map(len, texts)) / 4.5)
    generator = np.random.default_rng(0)
    for first, units in stretches(texts, way):
        states = units.joined(LAYERS[way.reader]).float().cpu().numpy()
        starts = np.flatnonzero(np.diff(units.documents, prepend=-1))
        ends = np.append(starts[1:], len(units))
        rows = units.documents[starts] + first
        sums[rows] += np.add.reduceat(states, starts, axis=0)
        last[rows] = states[ends - 1]
        counts[rows] += ends - starts
        if n_tokens:
            tokens.append(states[generator.random(len(states)) < share].astype(np.float16))
    means = (sums / np.maximum(counts, 1)[:, None]).astype(np.float16)
    sample = np.concatenate(tokens) if tokens else np.zeros((0, width), np.float16)
    return Read(means, last, sample)


@cache
def lessons(way: Way) -> Read:
    """The states that dictionaries learn from, kept between runs."""
    kept = CACHE / f"ears-{way.name}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        n_tokens = 0 if way.context == "sentence" else N_TOKENS
        found = read(pieces()[: N_TEXTS[way.reader]], way, n_tokens=n_tokens)
        np.savez(kept, means=found.means, last=found.last, tokens=found.tokens)
    with np.load(kept) as arrays:
        return Read(**arrays)


Matrix = np.ndarray | sp.csr_array
"""Strengths, texts x features."""

TEXT_RECIPE = Recipe(
    n_features=2048, objective=BatchTopKObjective(32), n_steps=400, learning_rate=3e-3
)
TOKEN_RECIPE = Recipe(
    n_features=8192,
    objective=BatchTopKObjective(24, prefixes=(512, 2048)),
    n_steps=500,
    learning_rate=3e-3,
)


@dataclass(frozen=True, slots=True)
class Map:
    """An affine map of states, before a dictionary learns."""

    mean: np.ndarray
    forth: np.ndarray | None

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """The states, mapped."""
        found = states.astype(np.float32) - self.mean
        return found if self.forth is None else found @ self.forth


def whitened(states: np.ndarray) -> Map:
    """Every direction varies as much as any other."""
    mean = states.mean(axis=0, dtype=np.float64)
    variances, directions = np.linalg.eigh(np.cov(states.astype(np.float64).T))
    variances = np.maximum(variances, 0) + SHRINKAGE * variances.mean()
    forth = (directions * variances**-0.5) @ directions.T
    return Map(mean.astype(np.float32), forth.astype(np.float32))


def centred(states: np.ndarray) -> Map:
    """The mean is taken away."""
    return Map(states.mean(axis=0, dtype=np.float64).astype(np.float32), None)


def learned(name: str, inputs: Callable[[], np.ndarray], recipe: Recipe) -> SAE:
    """A dictionary of the rows, in a new order for each pass; kept between runs."""
    key = hashlib.blake2b(repr(recipe).encode(), digest_size=6).hexdigest()
    kept = CACHE / f"ears-{re.sub('[^a-zA-Z0-9]+', '-', name)}-{key}.npz"
    if not kept.is_file():
        for report in trained_steps(_batches(inputs(), recipe), recipe):
            if isinstance(report, SAE):
                assert isinstance(report.firing, Threshold)
                arrays = {field: getattr(report, field).numpy() for field in _WEIGHTS}
                theta, scale = report.firing.theta.numpy(), report.input_scale
                np.savez(kept, **arrays, theta=theta, scale=scale)
        print(f"learned {name}", flush=True)
    with np.load(kept) as found:
        encoder, decoder, bias, centre = (torch.from_numpy(found[field]) for field in _WEIGHTS)
        rule = Threshold(torch.from_numpy(found["theta"]))
        return SAE(encoder, decoder, bias, centre, rule, float(found["scale"]))


_WEIGHTS = ("encoder", "decoder", "encoder_bias", "decoder_bias")


def _batches(inputs: np.ndarray, recipe: Recipe) -> Iterator[torch.Tensor]:
    generator = np.random.default_rng(recipe.seed)
    while True:
        order = generator.permutation(len(inputs))
        for at in range(0, len(order) - recipe.batch_size + 1, recipe.batch_size):
            yield torch.from_numpy(inputs[order[at : at + recipe.batch_size]].astype(np.float32))


@dataclass(frozen=True, slots=True)
class Heard:
    """The states of the texts of a behaviour: of tokens and of sentences, with their texts."""

    tokens: np.ndarray
    owners: np.ndarray
    sentences: np.ndarray
    sentence_owners: np.ndarray


def heard(behaviour: Behaviour, texts: Sequence[Text], way: Way) -> Heard:
    """Kept between runs, in half precision."""
    kept = CACHE / f"ears-{way.name}-{behaviour.name.replace(' ', '-')}.npz"
    if not kept.is_file():
        layers = LAYERS[way.reader]
        plan = ReadingPlan(layers, layers, context=way.context, max_tokens=256)
        documents = [Document(str(i), one.text, {}) for i, one in enumerate(texts)]
        found: list[list[np.ndarray]] = [[], [], [], []]
        for stretch in read_documents(documents, reader_of(way.reader), plan):
            for at, units in ((0, stretch.tokens), (2, stretch.sentences)):
                found[at].append(units.joined(layers).cpu().numpy().astype(np.float16))
                found[at + 1].append(units.documents)
        np.savez(kept, *[np.concatenate(each) for each in found])
    with np.load(kept) as arrays:
        return Heard(*(arrays[f"arr_{i}"] for i in range(4)))


def pooled(
    states: np.ndarray, owners: np.ndarray, n: int, *, strongest: bool = False
) -> np.ndarray:
    """The mean, or the largest, over the units of each text."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    found = np.zeros((n, states.shape[1]), np.float32)
    rows = states.astype(np.float32)
    if strongest:
        found[owners[starts]] = np.maximum.reduceat(rows, starts, axis=0)
    else:
        sizes = np.diff(np.append(starts, len(owners)))[:, None]
        found[owners[starts]] = np.add.reduceat(rows, starts, axis=0) / sizes
    return found


def encoded(sae: SAE, states: np.ndarray, owners: np.ndarray, n: int) -> tuple[Matrix, Matrix]:
    """The strongest and the mean activation of each feature in each text."""
    top, mean = np.zeros((n, sae.n_features), np.float32), np.zeros((n, sae.n_features), np.float32)
    for first in range(0, n, 50):
        rows = slice(*np.searchsorted(owners, [first, first + 50]))
        if rows.start < rows.stop:
            own = owners[rows] - first
            active = sae.encode(torch.from_numpy(states[rows].astype(np.float32))).numpy()
            m = min(50, n - first)
            top[first : first + 50] = pooled(active, own, m, strongest=True)
            mean[first : first + 50] = pooled(active, own, m)
    return sp.csr_array(top), sp.csr_array(mean)


@cache
def builtin_parts() -> tuple[Part, Part]:
    token, sentence = load_dictionary("builtin").parts
    return token, sentence


@cache
def of_texts(
    name: str, way: Way, kind: str, white: bool, n_features: int, k: int
) -> tuple[Map, SAE]:
    """A dictionary of whole texts: of means over tokens, or of the last token."""
    states = lessons(way).means if kind == "mean" else lessons(way).last
    before = (whitened if white else centred)(states)
    recipe = replace(TEXT_RECIPE, n_features=n_features, objective=BatchTopKObjective(k))
    return before, learned(name, lambda: before(states), recipe)


@cache
def of_passage_tokens() -> SAE:
    """As the built-in token part, of tokens that see whole passages."""
    width = reader_of("minilm").width
    return learned("passage tokens", lambda: lessons(PASSAGES).tokens[:, :width], TOKEN_RECIPE)


TEXT_PARTS = (
    ("texts: means", SENTENCES, "mean", False, 2048, 32),
    ("texts: means, whitened", SENTENCES, "mean", True, 2048, 32),
    ("texts: means, whitened, k 8", SENTENCES, "mean", True, 2048, 8),
    ("texts: means, whitened, 4,096 features", SENTENCES, "mean", True, 4096, 32),
    ("texts: means of passages", PASSAGES, "mean", False, 2048, 32),
    ("texts: means of passages, whitened", PASSAGES, "mean", True, 2048, 32),
    ("texts: means of SmolLM2", CHAT, "mean", False, 2048, 32),
    ("texts: means of SmolLM2, whitened", CHAT, "mean", True, 2048, 32),
    ("texts: last token of SmolLM2, whitened", CHAT, "last", True, 2048, 32),
)
"""Name, reading, state of a text, whether whitened, features, k."""


def ears_of(behaviour: Behaviour, texts: Sequence[Text]) -> tuple[dict[str, Matrix], Arrays]:
    """The features of each way of hearing, and dense states beside them."""
    n = len(texts)
    strengths, is_sentence = features_of(texts)
    ways = {way: heard(behaviour, texts, way) for way in (SENTENCES, PASSAGES, CHAT)}
    own, passages, chat = ways[SENTENCES], ways[PASSAGES], ways[CHAT]
    width = reader_of("minilm").width
    token, sentence = (part.sae for part in builtin_parts())
    found: dict[str, Matrix] = {
        "built-in tokens": strengths[:, ~is_sentence],
        "built-in sentences": strengths[:, is_sentence],
        "built-in, both": strengths,
    }
    top, mean = encoded(token, own.tokens[:, :width], own.owners, n)
    found |= {"built-in tokens, no threshold": top, "built-in tokens, mean strength": mean}
    top, mean = encoded(sentence, own.sentences, own.sentence_owners, n)
    found |= {"built-in sentences, no threshold": top, "built-in sentences, mean strength": mean}
    top, mean = encoded(of_passage_tokens(), passages.tokens[:, :width], passages.owners, n)
    found |= {"tokens that see passages": top, "tokens that see passages, mean strength": mean}
    means = {way: pooled(each.tokens, each.owners, n) for way, each in ways.items()}
    ends = np.append(np.flatnonzero(np.diff(chat.owners)), len(chat.owners) - 1)
    last = np.zeros_like(means[CHAT])
    last[chat.owners[ends]] = chat.tokens[ends]
    for name, way, kind, white, n_features, k in TEXT_PARTS:
        before, sae = of_texts(name, way, kind, white, n_features, k)
        states = means[way] if kind == "mean" else last
        found[name] = sp.csr_array(sae.encode(torch.from_numpy(before(states))).numpy())
    dense = {
        "MiniLM, sentences alone": means[SENTENCES],
        "MiniLM, passages": means[PASSAGES],
        "SmolLM2, means": means[CHAT],
        "SmolLM2, last token": last,
    }
    return found, dense | remainders(own, width, n)


def remainders(own: Heard, width: int, n: int) -> Arrays:
    """What the built-in dictionary keeps of the states, and what it loses: means over units."""
    token, sentence = (part.sae for part in builtin_parts())
    found: Arrays = {}
    for name, sae, states, owners in (
        ("tokens", token, own.tokens[:, :width], own.owners),
        ("sentences", sentence, own.sentences, own.sentence_owners),
    ):
        whole = torch.from_numpy(states.astype(np.float32))
        kept = torch.cat([sae.reconstructed(some) for some in torch.split(whole, 4096)]).numpy()
        found[f"{name}: states"] = pooled(states, owners, n)
        found[f"{name}: reconstruction"] = pooled(kept, owners, n)
        found[f"{name}: error"] = pooled(states - kept, owners, n)
    return found


Scores = dict[str, float]


def judged(half: Half, name: str, x: Matrix) -> Scores:
    """The held-out AUROC of the best feature, and of the sixteen best together."""
    matrix = sp.csr_array(x)
    ranks = univariate(matrix[half.train], half.y[half.train])
    best = int(np.argmax(np.abs(ranks)))
    one = matrix[:, [best]].toarray().ravel() * np.sign(ranks[best])
    chosen = np.argsort(-np.abs(ranks))[:N_FEATURES]
    sixteen = half.judged(np.log1p(matrix[:, chosen].toarray()), FEW)[0]
    return {f"{name}|1": half.auroc(one[half.test]), f"{name}|16": sixteen}


def scores_of(behaviour: Behaviour) -> dict[str, list[float]]:
    """For each way of hearing the held-out AUROC on each half."""
    texts = matched(behaviour)
    features, dense = ears_of(behaviour, texts)
    found: dict[str, list[float]] = {}
    for half in halves(texts):
        scores: Scores = {}
        for name, x in features.items():
            scores |= judged(half, name, x)
        for name, states in dense.items():
            scores[f"{name}|all"] = half.judged(states)[0]
        for name, score in scores.items():
            found.setdefault(name, []).append(score)
    return found


BASE = "built-in, both"
Found = dict[str, dict[str, list[float]]]
"""By behaviour, then by way of hearing."""


def over_behaviours(found: Found, name: str) -> np.ndarray:
    """The mean over halves for each behaviour."""
    return np.array([np.mean(scores[name]) for scores in found.values()])


def gain(found: Found, name: str, base: str) -> str:
    """What is gained over the base, with the 95 % interval over behaviours."""
    gains = over_behaviours(found, name) - over_behaviours(found, base)
    half = student.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return f"{gains.mean():+.3f} ± {half:.3f}"


def main() -> None:
    """Measure each way of hearing and record the tables."""
    found: Found = {}
    for behaviour in BEHAVIOURS:
        found[behaviour.name] = scores_of(behaviour)
        best = {name: round(float(np.mean(s)), 3) for name, s in found[behaviour.name].items()}
        print(behaviour.name, best, flush=True)
    names = list(next(iter(found.values())))
    ears = [name[: -len("|16")] for name in names if name.endswith("|16")]
    lines = [
        [
            ear,
            *(f"{over_behaviours(found, f'{ear}|{n}').mean():.3f}" for n in (1, N_FEATURES)),
            *(gain(found, f"{ear}|{n}", f"{BASE}|{n}") for n in (1, N_FEATURES)),
        ]
        for ear in ears
    ]
    dense = [
        [name[: -len("|all")], f"{over_behaviours(found, name).mean():.3f}"]
        for name in names
        if name.endswith("|all")
    ]
    record(
        "Behaviours: ways of hearing",
        [
            *_HEAD,
            "",
            *table(("features", "best", "sixteen", "gain of best", "gain of sixteen"), lines),
            "",
            "Probes of the states that these features are made of, and of what the built-in "
            "dictionary keeps and loses of them (means over the units of a text):",
            "",
            *table(("states", "AUROC"), dense),
            "",
            "By behaviour, the best sixteen features:",
            "",
            *table(("behaviour", *ears), _by_behaviour(found, ears)),
        ],
    )


def _by_behaviour(found: Found, ears: Sequence[str]) -> list[list[str]]:
    return [
        [name, *(f"{np.mean(s[f'{ear}|16']):.2f} ± {interval(s[f'{ear}|16']):.2f}" for ear in ears)]
        for name, s in found.items()
    ]


_HEAD = (
    "Behaviours, texts and halves are those of the table of behaviours. Held-out AUROC, mean over "
    f"{len(BEHAVIOURS)} behaviours and five halves, of the best feature and of the sixteen best "
    f"together, chosen on the half that teaches; gains over the features of both built-in parts "
    "with 95 % intervals over behaviours. Strongest activation in a text unless a mean is named. "
    "Dictionaries of texts: states of pieces of at most 120 words, centred or whitened, "
    "batch-top-k (k 32, 2,048 features, unless said), 400 steps of 2,048; tokens that see "
    "passages: as the built-in token part, 500 steps. Of SmolLM2 the states after layer 14.",
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", action="store_true", help="read the texts to learn from, only")
    if not DATA.is_dir():
        sys.exit(f"the development data is not at {DATA}")
    if parser.parse_args().read:
        for way in (SENTENCES, PASSAGES, CHAT):
            print(way.name, lessons(way).means.shape, flush=True)
    else:
        main()

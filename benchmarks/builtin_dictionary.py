"""Makes the built-in dictionary: `python -m benchmarks.builtin_dictionary`.

Reads the development texts whose licence lets a derived work be shipped, learns a token part
and a sentence part on the built-in reader's states, sets presence thresholds, and names every
live feature. Takes about an hour on two cores. `docs/builtin-dictionary.md` says why each
choice was made; `benchmarks/dictionary_trials.py` measured them.
"""

import argparse
import contextlib
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import scipy.sparse as sp
import torch

import corpuscope as cs
from benchmarks.kinds import rows
from corpuscope.corpus.document import Document
from corpuscope.corpus.read import read_corpus
from corpuscope.labels.companions import companion_vectors
from corpuscope.labels.meanings import Meanings, context_vectors, embedded_names, load_shipped, ship
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.sae.presence import LEVELS, densities_and_thresholds
from corpuscope.sae.train import trained_steps
from corpuscope.store.store import Store

SOURCES = {
    "books_gitenberg": "public domain",
    "civil_comments": "CC0-1.0",
    "clinc150": "CC BY 3.0",
    "genesis": "public domain",
    "gpteacher_codegen": "MIT",
    "gpteacher_roleplay": "MIT",
    "hc3_plus": "CC BY-SA 4.0",
    "movie_reviews": "CC BY 4.0",
    "product_reviews": "CC BY 4.0",
    "pros_cons": "CC BY 4.0",
    "self_instruct_seed": "Apache-2.0",
    "sentence_polarity": "CC BY 4.0",
    "sgd_dialogues": "CC BY-SA 4.0",
    "shakespeare": "public domain",
    "state_union": "public domain",
    "subjectivity": "CC BY 4.0",
    "taskmaster4": "CC BY 4.0",
    "tldr_pages": "CC BY 4.0",
    "wiki_split": "CC BY-SA 4.0",
    "wiki_talk": "CC BY 4.0",
    "wikitext2": "CC BY-SA 3.0",
}
"""Sources of the general corpus that are used, with their licences; the others are left out."""

TOKEN_LAYERS, SENTENCE_LAYERS = (4,), (4, 6)
TOKEN_RECIPE = Recipe(
    n_features=8192,
    objective=BatchTopKObjective(24, prefixes=(512, 2048)),
    n_steps=1500,
    learning_rate=3e-3,
    bf16=True,
)
SENTENCE_RECIPE = Recipe(
    n_features=8192,
    objective=BatchTopKObjective(8, prefixes=(64, 256, 1024)),
    n_steps=1200,
    learning_rate=3e-3,
    first_encoder=1.0,
    bf16=True,
)
N_TOKEN_STATES = 1_600_000
SHRINKAGE = 0.01
"""Of the whitening, as a share of the mean variance: keeps the faintest directions quiet."""


@dataclass(frozen=True)
class States:
    """What was read: sentence states with their documents, and a sample of token states."""

    sentences: npt.NDArray[np.float16]
    owners: npt.NDArray[np.int64]
    tokens: npt.NDArray[np.float16]


def training_documents() -> list[Document]:
    """Every document of the sources, in a fixed random order."""
    documents = [
        Document(row["id"], _readable(row["text"]), {"source": row["source"], "kind": row["kind"]})
        for row in rows("general_corpus/documents.jsonl.gz")
        if row["source"] in SOURCES
    ]
    random.Random(0).shuffle(documents)
    return documents


def not_learned_from(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows whose text, but for spaces, is none of the sources'."""
    known = {" ".join(document.text.split()) for document in training_documents()}
    return [row for row in found if " ".join(row["text"].split()) not in known]


def _readable(text: str) -> str:
    """The text without the marks that its first publishers put in place of words."""
    return text.replace("<unk>", "").replace(" @-@ ", "-").replace(" @,@ ", ",")


def read_states(documents: list[Document], *, n_tokens: int) -> States:
    """The states of all sentences, and of about `n_tokens` tokens drawn at random."""
    lm = cs.load_reader()
    plan = ReadingPlan(TOKEN_LAYERS, SENTENCE_LAYERS, context="sentence", max_tokens=256)
    generator = np.random.default_rng(0)
    share = n_tokens / (sum(len(document.text) for document in documents) / 4.6)
    sentences, owners, tokens = [], [], []
    for first in range(0, len(documents), 1000):
        for stretch in read_documents(documents[first : first + 1000], lm, plan):
            sentences.append(stretch.sentences.joined(SENTENCE_LAYERS).half().numpy())
            owners.append(stretch.sentences.documents + first)
            drawn = torch.from_numpy(generator.random(len(stretch.tokens)) < share)
            tokens.append(stretch.tokens.joined(TOKEN_LAYERS)[drawn].half().numpy())
        print(f"read {first + 1000:,} of {len(documents):,} documents", flush=True)
    return States(np.concatenate(sentences), np.concatenate(owners), np.concatenate(tokens))


@dataclass(frozen=True)
class Whitening:
    """Makes every direction vary as much among the sentences of one document as any other.

    What the sentences of a document share (genre, register, topic) then stands out against
    what merely varies from sentence to sentence, however little variance it has in the raw
    states. It is affine, so it is folded into the two maps and costs nothing in use.

    Source: within-class covariance normalisation, Hatch, Kajarekar, Stolcke, 2006, with the
    document in the place of the class.
    """

    mean: npt.NDArray[np.float32]
    forth: npt.NDArray[np.float32]
    back: npt.NDArray[np.float32]


def normalised(states: npt.NDArray[np.float16], n_layers: int) -> npt.NDArray[np.float32]:
    """The states with each layer's share divided by its length."""
    blocks = states.reshape(len(states), n_layers, -1).astype(np.float32)
    blocks /= np.maximum(np.linalg.norm(blocks, axis=2, keepdims=True), 1e-12)
    return blocks.reshape(len(states), -1)


def whitening(inputs: npt.NDArray[np.float32], owners: npt.NDArray[np.int64]) -> Whitening:
    """The whitening of what varies within documents; a document counts at most eightfold."""
    mean = inputs.mean(axis=0)
    _, document, size = np.unique(owners, return_inverse=True, return_counts=True)
    member = sp.csr_array(
        (np.ones(len(document), np.float32), (document, np.arange(len(document)))),
        shape=(len(size), len(document)),
    )
    centres = (member @ inputs) / size[:, None].astype(np.float32)
    inside = size[document] > 1
    deviations = inputs[inside] - centres[document[inside]]
    n_others = size[document[inside]] - 1
    weights = np.minimum(n_others, 8) / n_others
    deviations *= np.sqrt(weights, dtype=np.float32)[:, None]
    covariance = deviations.T @ deviations / weights.sum()
    variances, directions = np.linalg.eigh(covariance)
    variances = np.maximum(variances, 0) + SHRINKAGE * variances.mean()
    forth = (directions * variances**-0.5) @ directions.T
    back = (directions * variances**0.5) @ directions.T
    return Whitening(mean, forth.astype(np.float32), back.astype(np.float32))


def learn(inputs: npt.NDArray[np.floating], recipe: Recipe) -> SAE:
    """An SAE learned on rows drawn anew for each pass."""
    last = None
    for report in trained_steps(_shuffled(inputs, recipe), recipe):
        if isinstance(report, SAE):
            print(f"learned {recipe.n_features} features; {last}", flush=True)
            return report
        last = report
        if report.step % 100 == 0:
            print(report, flush=True)
    raise AssertionError("training ended without an SAE")


def folded(sae: SAE, white: Whitening, n_layers: int) -> SAE:
    """The same SAE on normalised states that were not whitened."""
    forth, back = torch.from_numpy(white.forth), torch.from_numpy(white.back)
    scale = sae.input_scale
    return SAE(
        encoder=scale * sae.encoder @ forth,
        decoder=(sae.decoder / scale) @ back,
        encoder_bias=sae.encoder_bias,
        decoder_bias=torch.from_numpy(white.mean) + (sae.decoder_bias / scale) @ back,
        firing=sae.firing,
        unit_norm=True,
        n_layers=n_layers,
    )


def make(folder: Path) -> None:
    """The whole dictionary, labels included, into `folder`."""
    documents = training_documents()
    states = read_states(documents, n_tokens=N_TOKEN_STATES)
    inputs = normalised(states.sentences, len(SENTENCE_LAYERS))
    white = whitening(inputs, states.owners)
    sentence_sae = learn((inputs - white.mean) @ white.forth, SENTENCE_RECIPE)
    parts = (
        Part("token", TOKEN_LAYERS, learn(states.tokens, TOKEN_RECIPE)),
        Part("sentence", SENTENCE_LAYERS, folded(sentence_sae, white, len(SENTENCE_LAYERS))),
    )
    samples = (_sample(states.tokens, 200_000), _sample(states.sentences, 100_000))
    table = _features(parts, samples)
    save(parts, table, folder)


def save(parts: tuple[Part, ...], table: pa.Table, folder: Path) -> None:
    """The dictionary as a bundle, its weights in half precision."""
    about = {
        "licence": "CC BY-SA 4.0 for these weights and labels, after the most demanding source",
        "sources": SOURCES,
        "presence": f"strength above {LEVELS['token']} (token) or {LEVELS['sentence']} (sentence) "
        "of the 95th percentile of the feature's activations on the training texts",
    }
    dictionary = Dictionary(
        reader_name=BUILTIN_READER, revision="any", context="sentence", max_tokens=256,
        masks=MaskPolicy().to_config(), parts=parts, features=table, about=about,
        training={"token": repr(TOKEN_RECIPE), "sentence": repr(SENTENCE_RECIPE)},
    )  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)
    save_dictionary(dictionary, folder, dtype=torch.float16)


def label(folder: Path) -> None:
    """Names the features of the dictionary in `folder` from a store of its own training texts."""
    dictionary = load_dictionary(folder)
    with training_store(dictionary) as store:
        names = cs.label_features(store)
        table = dictionary.features.to_pandas().set_index("feature")
        for column in ("label", "label_source", "score", "score_low", "baseline_score", "n_trials"):
            table[column] = names.set_index("feature")[column].reindex(table.index)
        features = pa.Table.from_pandas(table.reset_index(), preserve_index=False)
        save(dictionary.parts, features, folder)
        ship_meanings(store, list(table["label"]), folder)


@contextlib.contextmanager
def training_store(dictionary: Dictionary, *, n: int | None = None) -> Iterator[Store]:
    """A store of the first `n` training texts, or of all, for as long as it is needed."""
    documents = training_documents()[:n]
    of_corpus = [{"id": one.id, "text": one.text, **one.metadata} for one in documents]
    with tempfile.TemporaryDirectory() as place:
        into = Path(place) / "general.scope"
        yield cs.extract(read_corpus(of_corpus), into=into, dictionary=dictionary)


def ship_meanings(store: Store, labels: Sequence[str | None], folder: Path) -> None:
    """Put the vectors of names, and of the sentences features are strongest in, beside them."""
    ship(
        Meanings(
            embedded_names(labels),
            context_vectors(store, embedded),
            companion_vectors(store.presence()),
        ),
        dictionary=store.provenance["dictionary"]["digest"],
        folder=folder,
    )


def ship_companions(folder: Path) -> None:
    """Make the vectors of companions anew, from all training texts, and keep the others."""
    known = load_dictionary(folder)
    with training_store(known) as store:
        found = companion_vectors(store.presence())
    ship(replace(load_shipped().meanings, companions=found), dictionary=known.digest, folder=folder)


def embedded(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Sentences as vectors of length 1: the reader's own last states, faster than without torch."""
    lm, plan = cs.load_reader(), ReadingPlan((), (6,), context="sentence", max_tokens=256)
    documents = [Document(str(at), text, {}) for at, text in enumerate(texts)]
    vectors = np.zeros((len(texts), 384), dtype=np.float32)
    for first in range(0, len(documents), 5000):
        for stretch in read_documents(documents[first : first + 5000], lm, plan):
            states = stretch.sentences.joined((6,)).float().numpy()
            np.add.at(vectors, stretch.sentences.documents + first, states)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-6)


def _features(parts: tuple[Part, ...], samples: tuple[npt.NDArray[np.float16], ...]) -> pa.Table:
    columns: dict[str, list[object]] = {"kind": [], "density": [], "threshold": []}
    for part, sample in zip(parts, samples, strict=True):
        batches = (torch.from_numpy(sample[i : i + 8192]) for i in range(0, len(sample), 8192))
        density, threshold = densities_and_thresholds(part.sae, batches, level=LEVELS[part.unit])
        columns["kind"] += [part.unit] * part.sae.n_features
        columns["density"] += density.tolist()
        columns["threshold"] += threshold.tolist()
    return pa.table({"feature": list(range(len(columns["kind"]))), **columns})


def _shuffled(inputs: npt.NDArray[np.floating], recipe: Recipe) -> Iterator[torch.Tensor]:
    generator = np.random.default_rng(recipe.seed)
    while True:
        order = generator.permutation(len(inputs))
        for first in range(0, len(order) - recipe.batch_size + 1, recipe.batch_size):
            rows_of_batch = np.sort(order[first : first + recipe.batch_size])
            yield torch.from_numpy(np.asarray(inputs[rows_of_batch], dtype=np.float32))


def _sample(states: npt.NDArray[np.float16], n: int) -> npt.NDArray[np.float16]:
    chosen = np.random.default_rng(1).permutation(len(states))[:n]
    return states[np.sort(chosen)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("corpuscope/builtin/minilm"))
    parser.add_argument("--labels-only", action="store_true")
    parser.add_argument("--meanings-only", action="store_true", help="from 15,000 of the texts")
    parser.add_argument("--companions-only", action="store_true", help="from all of the texts")
    arguments = parser.parse_args()
    if arguments.companions_only:
        ship_companions(arguments.into)
    elif arguments.meanings_only:
        known = load_dictionary(arguments.into)
        with training_store(known, n=15_000) as store:
            ship_meanings(store, known.features["label"].to_pylist(), arguments.into)
    else:
        if not arguments.labels_only:
            make(arguments.into)
        label(arguments.into)

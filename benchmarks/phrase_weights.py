"""Makes the weights that ship with the package, and measures phrases against the original.

    python -m benchmarks.phrase_weights

Phrases are embedded with eight bits of each weight; the built-in reader adds the remainders.
Compared with static vectors too, which need no forward pass: each token's own vector, averaged
over the tokens of a phrase.
"""

import shutil
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import load_file, save_file
from scipy.stats import spearmanr
from transformers import AutoModel, AutoTokenizer

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import record, table
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.reader.engines.shipped_weights import (
    FOLDER,
    REMAINDERS,
    TOKENIZER,
    WEIGHTS,
    in_eight_bits,
    remainders,
)
from corpuscope.reader.loading.builtin import find_builtin

N_PAIRS = 20_000
NEIGHBOURS = 10

Vectors = npt.NDArray[np.float32]


def make() -> None:
    """The files of the package, from the original's."""
    source = Path(find_builtin())
    FOLDER.mkdir(parents=True, exist_ok=True)
    weights = {
        name: weight.astype(np.float32)
        for name, weight in load_file(source / "model.safetensors").items()
        if name.startswith(("embeddings.", "encoder.")) and weight.dtype == np.float32
    }
    stored = in_eight_bits(weights)
    save_file(stored, FOLDER / WEIGHTS)
    save_file(remainders(weights, stored), FOLDER / REMAINDERS)
    shutil.copyfile(source / "tokenizer.json", FOLDER / TOKENIZER)


def original(texts: list[str]) -> Vectors:
    """By the library that the model was published for."""
    source = find_builtin()
    tokenizer, model = AutoTokenizer.from_pretrained(source), AutoModel.from_pretrained(source)
    found = []
    for first in range(0, len(texts), 64):
        batch = tokenizer(texts[first : first + 64], padding=True, truncation=True, max_length=256,
                          return_tensors="pt")  # fmt: skip
        with torch.no_grad():
            states = model(**batch).last_hidden_state
        mask = batch["attention_mask"][:, :, None]
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
        found.append(torch.nn.functional.normalize(mean, dim=1).numpy())
    return np.concatenate(found)


def static(texts: list[str]) -> Vectors:
    """The weighted mean over a text's tokens of the vector that each has alone.

    Frequent tokens count less, and what all tokens share is taken off, as in model2vec and in
    Arora et al. 2017, "A simple but tough-to-beat baseline for sentence embeddings".
    """
    embedder = load_phrase_embedder()
    ids = [one.ids[1:-1] for one in embedder.tokenizer.encode_batch(texts)]
    vocabulary, counts = np.unique([token for of_text in ids for token in of_text],
                                   return_counts=True)  # fmt: skip
    first, last = (embedder.tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    alone = embedder.vectors_of([[first, token, last] for token in vocabulary.tolist()])
    shares = counts / counts.sum()
    alone = (alone - shares @ alone) * (1e-3 / (1e-3 + shares))[:, None]
    place = {token: at for at, token in enumerate(vocabulary.tolist())}
    means = np.stack([alone[[place[token] for token in of_text]].sum(axis=0) for of_text in ids])
    unit: Vectors = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return unit


def agreement(found: Vectors, truth: Vectors) -> list[str]:
    """Cosine to the original; rank correlation of cosines between texts; shared neighbours."""
    generator = np.random.default_rng(0)
    one, two = generator.integers(len(truth), size=(2, N_PAIRS))
    cosines = (found * truth).sum(axis=1)
    own, given = ((v[one] * v[two]).sum(axis=1) for v in (found, truth))
    kept = one != two
    ranks = spearmanr(own[kept], given[kept]).statistic
    near, true = (_neighbours(vectors) for vectors in (found, truth))
    shared = np.mean([len(set(a) & set(b)) for a, b in zip(near, true, strict=True)]) / NEIGHBOURS
    return [f"{cosines.mean():.4f}", f"{cosines.min():.4f}", f"{ranks:.4f}", f"{shared:.3f}"]


def _neighbours(vectors: Vectors) -> npt.NDArray[np.int64]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    nearest: npt.NDArray[np.int64] = np.argsort(-cosines, axis=1)[:, :NEIGHBOURS]
    return nearest


def main() -> None:
    """Make, then compare on labels of the dictionary, questions and sentences."""
    make()
    load_phrase_embedder.cache_clear()
    labels = cs.load_dictionary("builtin").features.to_pandas()["label"].dropna().unique().tolist()
    texts = {
        "labels of features": labels[:1500],
        "questions (clinc150)": [row["text"] for row in rows("clinc150/queries.jsonl.gz")][:1500],
        "sentences (ag_news)": [row["text"] for row in rows("ag_news_test/news.jsonl.gz")][:1500],
    }
    body = []
    for name, chosen in texts.items():
        truth = original(chosen)
        begun = time.perf_counter()
        found = load_phrase_embedder().embed(chosen)
        seconds = time.perf_counter() - begun
        body.append([name, "numpy, eight bits", *agreement(found, truth),
                     f"{1000 * seconds / len(chosen):.1f}"])  # fmt: skip
        body.append([name, "static vectors", *agreement(static(chosen), truth), ""])
    size = sum((FOLDER / name).stat().st_size for name in (WEIGHTS, TOKENIZER)) / 1e6
    head = (
        f"1,500 texts each, against all-MiniLM-L6-v2 in single precision. {size:.0f} MB shipped. "
        "Ranks: Spearman's correlation of the cosines of 20,000 pairs. Neighbours: share of each "
        "text's ten nearest that are the same."
    )
    columns = ["texts", "by", "cosine, mean", "least", "ranks", "neighbours", "ms a text"]
    record("Phrases without a GPU library", [head, "", *table(columns, body)])


if __name__ == "__main__":
    main()

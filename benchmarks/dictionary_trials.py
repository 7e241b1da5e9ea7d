"""Which states should the sentence part read, and how be learned?

    python -m benchmarks.dictionary_trials

Small dictionaries (2,048 features, 250 steps) on several states of a sentence, learned from 15,000
of the training documents and compared by the expected z of a plant: 5 % of 5,000 answers get a
sentence of a kind; how many standard errors would the best feature show, from its rate on
sentences of the kind and in 3,000 real answers? Development kinds and prompts only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import torch

import corpuscope as cs
from benchmarks.builtin_dictionary import (
    Whitening,
    learn,
    normalised,
    training_documents,
    whitening,
)
from benchmarks.kinds import DEVELOPMENT
from benchmarks.planted import answers, training_wordings, usable_sentences
from benchmarks.results import record, table
from corpuscope.corpus.document import Document
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.config import Recipe
from corpuscope.sae.evaluate import evaluated
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.sae.presence import densities_and_thresholds

LAYERS = (2, 3, 4, 5, 6)
TRIALS = (
    ((6,), False),
    ((6,), True),
    ((4,), True),
    ((3, 6), True),
    ((4, 6), False),
    ((4, 6), True),
    ((2, 4, 6), True),
)
RECIPE = Recipe(
    n_features=2048,
    objective=BatchTopKObjective(6, prefixes=(64, 256)),
    n_steps=250,
    learning_rate=1.5e-3,
    first_encoder=1.0,
    bf16=True,
)
RECIPE_LAYERS = (4, 6)
RECIPES = {
    f"rate {rate:g}, encoder at {length:g} of its length, decoder {pace:g} times as fast": {
        "learning_rate": rate,
        "first_encoder": length,
        "decoder_rate": pace,
    }
    for rate in (1e-3, 3e-3)
    for length, pace in ((0.3, 3.0), (1.0, 3.0), (1.0, 1.0))
}
LEVEL, SIZE, RATE = 0.5, 5000, 0.05
HELD_OUT = 20
"""One document in so many is not learned from."""
N_DOCUMENTS, N_ANSWERS = 15_000, 3_000

Sentences = tuple[npt.NDArray[np.float16], npt.NDArray[np.int64]]


def sentence_states(texts: Sequence[str]) -> Sentences:
    """The states of all sentences of the texts after every layer, and which text each is of."""
    lm, plan = cs.load_reader(), ReadingPlan((), LAYERS, context="sentence", max_tokens=256)
    documents = [Document(str(number), text, {}) for number, text in enumerate(texts)]
    states, owners = [], []
    for first in range(0, len(documents), 1000):
        for stretch in read_documents(documents[first : first + 1000], lm, plan):
            states.append(stretch.sentences.joined(LAYERS).half().numpy())
            owners.append(stretch.sentences.documents + first)
    return np.concatenate(states), np.concatenate(owners)


def inputs_of(states: npt.NDArray[np.float16], layers: Sequence[int]) -> npt.NDArray[np.float32]:
    """The states after some layers, each of length 1."""
    width = states.shape[1] // len(LAYERS)
    chosen = [LAYERS.index(layer) for layer in layers]
    picked = np.concatenate([states[:, at * width : (at + 1) * width] for at in chosen], axis=1)
    return normalised(picked, len(layers))


def expected_z(
    base: sp.csr_array, owners: npt.NDArray[np.int64], plants: sp.csr_array
) -> npt.NDArray[np.float64]:
    """For each feature the z that a plant would show, from its presence in sentences."""
    n_answers = int(owners.max()) + 1
    member = sp.csr_array(
        (np.ones(len(owners)), (owners, np.arange(len(owners)))), shape=(n_answers, len(owners))
    )
    rate = np.asarray(((member @ base) > 0).sum(axis=0)).ravel() / n_answers
    gain = SIZE * RATE * np.asarray(plants.mean(axis=0)).ravel() * (1 - rate)
    z: npt.NDArray[np.float64] = gain / np.sqrt(2 * SIZE * rate + gain + 4)
    return z


def main() -> None:
    """Read once, then learn and judge a small dictionary for each trial."""
    documents = training_documents()[:N_DOCUMENTS]
    train_states, train_owners = sentence_states([one.text for one in documents])
    base_states, base_owners = sentence_states([one["text"] for one in answers(0)[:N_ANSWERS]])
    used = training_wordings()
    plants = {}
    for kind in DEVELOPMENT:
        sentences = usable_sentences(kind, used)
        if len(sentences) >= 500:
            plants[kind.name] = sentence_states(sentences[:1500])[0]
    trials = Trials(train_states, train_owners, base_states, base_owners, plants)
    body = []
    for layers, is_white in TRIALS:
        name = " and ".join(map(str, layers)) + (", whitened within documents" if is_white else "")
        body.append([name, *trials.judged(RECIPE, layers, is_white=is_white)])
        print(body[-1], flush=True)
    columns = ["mean expected z", f"above 4.5, of {len(plants)} kinds", "unexplained", "dead"]
    record("Trials of the sentence part", table(["layers", *columns], body))
    body = []
    for name, changes in RECIPES.items():
        recipe = replace(RECIPE, n_features=4096, n_steps=400, **changes)
        body.append([name, *trials.judged(recipe, RECIPE_LAYERS, is_white=True)])
        print(body[-1], flush=True)
    record("Trials of the sentence part's recipe", table(["recipe", *columns], body))


@dataclass(frozen=True, eq=False)
class Trials:
    """What is learned from and judged on.

    Attributes:
        learned: States after all layers of sentences to learn from.
        owners: Of which document each is.
        answered: States of sentences of real answers.
        answers: Of which answer each is.
        plants: States of sentences of each kind.
    """

    learned: npt.NDArray[np.float16]
    owners: npt.NDArray[np.int64]
    answered: npt.NDArray[np.float16]
    answers: npt.NDArray[np.int64]
    plants: Mapping[str, npt.NDArray[np.float16]]

    def judged(self, recipe: Recipe, layers: Sequence[int], *, is_white: bool) -> list[str]:
        """The cells of a row: how well plants would show, what is left over, what is dead."""
        inputs = inputs_of(self.learned, layers)
        white = whitening(inputs, self.owners) if is_white else _unchanged(inputs)
        rows = (inputs - white.mean) @ white.forth
        is_held = self.owners % HELD_OUT == 0
        sae = learn(rows[~is_held], recipe)
        held = torch.from_numpy(rows[is_held])
        sample = np.random.default_rng(0).permutation(len(rows))[:50_000]
        whitened = torch.from_numpy(rows[sample])
        _, thresholds = densities_and_thresholds(sae, whitened.split(8192), level=LEVEL)
        base = _present(sae, inputs_of(self.answered, layers), white, thresholds)
        best = [
            expected_z(base, self.answers,
                       _present(sae, inputs_of(own, layers), white, thresholds)).max()
            for own in self.plants.values()
        ]  # fmt: skip
        found = evaluated(sae, held.split(8192))
        return [f"{np.mean(best):.1f}", f"{sum(z > 4.5 for z in best)}",
                f"{found.unexplained_variance:.3f}", f"{found.dead_share:.1%}"]  # fmt: skip


def _unchanged(inputs: npt.NDArray[np.float32]) -> Whitening:
    identity = np.eye(inputs.shape[1], dtype=np.float32)
    return Whitening(inputs.mean(axis=0), identity, identity)


def _present(
    sae: SAE,
    inputs: npt.NDArray[np.float32],
    white: Whitening,
    thresholds: npt.NDArray[np.float64],
) -> sp.csr_array:
    parts = []
    for first in range(0, len(inputs), 8192):
        states = torch.from_numpy((inputs[first : first + 8192] - white.mean) @ white.forth)
        parts.append(sp.csr_array(sae.encode(states).numpy() > thresholds))
    return sp.vstack(parts, format="csr").astype(np.float64)


if __name__ == "__main__":
    main()

"""Claims stated by reading pairs, without features: beside those from findings, or to compare with.

Each pair is read by a language model, which lists what one text has and the other lacks. Then

- `summed_up`: one request turns all lists into claims (LLM-S of the source); `claims` does this
  for `read_pairs`;
- `clustered`: sentences are clustered by their vectors, and each cluster becomes a claim from the
  five nearest its centre (LLM-C of the source);
- `contrasted`: sentences are clustered with what the other text does instead, by average linkage,
  and each cluster of one side becomes a claim from all of its sentences (after Kempf et al. 2026).

All end in statements of the same contract, to be verified by the same judge on the same texts.

Source: Jiang, Sun, Dunlap, Smith and Nanda 2025, arXiv 2512.10092, section 4.1; Kempf et al. 2026,
arXiv 2602.10371, with this package's phrase vectors in place of theirs and without UMAP.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.claiming.statement import Side, Statement
from corpuscope.claiming.stating.prompts import Sides
from corpuscope.claiming.stating.wording import normalised
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.llm.client import LLM
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, choice, listing, record_of, text
from corpuscope.shapes import PhraseVectors

__all__ = ["Difference", "clustered", "contrasted", "listed", "listing_requests", "summed_up"]

VERSION = "1"
_N_CLUSTERS, _NEAREST = 10, 5
_LEAST_SHARE_OF_PAIRS, _LEAST_OF_A_SIDE, _FARTHEST = 0.05, 0.65, 0.55

_LISTING = f"""\
You read two texts that answer the same request. List what distinguishes them: properties that one
of them has and the other lacks, at most three of each text. Think of behaviour, content, tone and
form; leave out what only follows from the request. For each give a sentence about the text that has
the property ("The text ...", at most 20 words, without reference to the other text) and one about
what the other text does instead.

{RULE}"""

_CLAIMS = """\
You get sentences that readers wrote about texts of two groups, A and B, one pair of texts at a
time: each tells what a text of one group had and its partner of the other group lacked. Say in at
most {n} sentences what distinguishes the groups: what is true of many texts of the one and of few
of the other. A sentence speaks of one text ("The text ..."), is decidable from that text alone,
states one property in at most 25 words, compares nothing, and names no group. Give its negation,
the group, its kind ("presence" if one text decides it, "degree" if only two side by side do), and
its place ("sentence" if a single sentence shows it wherever it stands, else "whole")."""

_OF_A_CLUSTER = """\
You get sentences that readers wrote about texts. Write one sentence that says what most of them
share: about one text ("The text ..."), decidable from that text alone, one property, at most 25
words, without comparison. Give its negation, its kind ("presence" if one text decides it, "degree"
if only two side by side do), and its place ("sentence" if a single sentence shows it wherever it
stands, else "whole")."""

_FIELDS = {
    "sentence": text(), "negation": text(), "kind": choice(["presence", "degree"]),
    "place": choice(["sentence", "whole"]),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """What one text of a pair has and the other lacks.

    Attributes:
        pair: The number of the pair.
        side: The group whose text has it.
        sentence: What it has.
        other: What the other does instead.
    """

    pair: int
    side: Side
    sentence: str
    other: str


def listing_requests(
    pairs: Sequence[tuple[str, str]], prompts: Sequence[str | None], *, seed: int
) -> list[tuple[bool, Request]]:
    """A request for each pair (target's text, reference's text), and whether it was turned."""
    rng = np.random.default_rng([seed, 8])
    form = record_of(has=choice(["first", "second"]), sentence=text(), other=text())
    found = []
    for texts, prompt in zip(pairs, prompts, strict=True):
        is_turned = bool(rng.integers(2))
        first, second = texts[::-1] if is_turned else texts
        asked = "" if prompt is None else f"The request:\n{fenced(prompt)}\n\n"
        found.append((
            is_turned,
            Request(
                purpose="list differences",
                system=_LISTING,
                user=f"{asked}First text:\n{fenced(first, '1')}\n\nSecond text:\n"
                f"{fenced(second, '2')}\n\nList what distinguishes them.",
                schema=Schema("differences", {"differences": listing(form)}),
                version=VERSION,
                max_output=700,
            ),
        ))  # fmt: skip
    return found


def listed(
    pairs: Sequence[tuple[str, str]], prompts: Sequence[str | None], llm: LLM, *, seed: int
) -> list[Difference]:
    """What a language model lists of each pair.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    asked = listing_requests(pairs, prompts, seed=seed)
    found = []
    for number, ((is_turned, _), answer) in enumerate(
        zip(asked, llm.ask([request for _, request in asked]), strict=True)
    ):
        for one in answer.value.get("differences", ()):
            is_target = (one["has"] == "first") != is_turned
            side: Side = "target" if is_target else "reference"
            found.append(
                Difference(number, side, normalised(one["sentence"]), normalised(one["other"]))
            )
    return found


def summed_up(
    differences: Sequence[Difference], llm: LLM, sides: Sides, *, n: int
) -> list[Statement]:
    """At most `n` claims from all lists, in one request.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: The request waits for its answer.
    """
    lines = [f"{sides[one.side]}: {one.sentence}" for one in differences]
    claim = record_of(**_FIELDS, group=choice(["A", "B"]))
    request = Request(
        purpose="sum up",
        system=f"{_CLAIMS.format(n=n)}\n\n{RULE}",
        user=f"The sentences:\n{fenced(chr(10).join(lines))}\n\nState the claims.",
        schema=Schema("claims", {"claims": listing(claim)}),
        version=VERSION,
        max_output=200 * n,
    )
    side_of = {letter: side for side, letter in sides.items()}
    (answer,) = llm.ask([request])
    return [
        _statement(one, side_of[one["group"]]) for one in answer.value.get("claims", ())
    ][:n]  # fmt: skip


def clustered(
    differences: Sequence[Difference], llm: LLM, *, n: int = _N_CLUSTERS, seed: int = 0
) -> list[Statement]:
    """A claim from each of `n` clusters of sentences, from the five nearest its centre.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    from sklearn.cluster import KMeans

    vectors = _embedded([one.sentence for one in differences])
    fitted = KMeans(min(n, len(vectors)), n_init=10, random_state=seed).fit(vectors)
    groups = []
    for at, centre in enumerate(fitted.cluster_centers_):
        own = np.flatnonzero(fitted.labels_ == at)
        order = own[np.argsort(((vectors[own] - centre) ** 2).sum(axis=1), kind="stable")]
        groups.append((own.tolist(), [differences[i].sentence for i in order[:_NEAREST].tolist()]))
    return _of_clusters(differences, groups, llm, least=0.5)


def contrasted(
    differences: Sequence[Difference], llm: LLM, *, n: int = 10, n_pairs: int
) -> list[Statement]:
    """A claim from each large cluster of contrasts that is of one side, from all its sentences.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    vectors = _embedded([f"{one.sentence} {one.other}" for one in differences])
    labels = fcluster(linkage(vectors, "average", "cosine"), _FARTHEST, "distance")
    groups = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label).tolist()
        if len({differences[i].pair for i in own}) >= _LEAST_SHARE_OF_PAIRS * n_pairs:
            groups.append((own, [differences[i].sentence for i in own]))
    groups.sort(key=lambda one: -len(one[0]))
    return _of_clusters(differences, groups, llm, least=_LEAST_OF_A_SIDE)[:n]


def _embedded(sentences: Sequence[str]) -> PhraseVectors:
    vectors: PhraseVectors = load_phrase_embedder().embed(list(sentences))
    return vectors


def _of_clusters(
    differences: Sequence[Difference],
    groups: Sequence[tuple[list[int], list[str]]],
    llm: LLM,
    *,
    least: float,
) -> list[Statement]:
    """A statement from each group of sentences of which enough are of one side."""
    kept: list[tuple[Side, Request]] = []
    for own, sentences in groups:
        share = float(np.mean([differences[i].side == "target" for i in own]))
        if max(share, 1 - share) < least:
            continue
        lines = "\n".join(f"- {one}" for one in sentences)
        request = Request(
            purpose="state a cluster",
            system=f"{_OF_A_CLUSTER}\n\n{RULE}",
            user=f"The sentences:\n{fenced(lines)}\n\nWhat do most of them share?",
            schema=Schema("claim", _FIELDS),
            version=VERSION,
            max_output=200,
        )
        kept.append(("target" if share >= 0.5 else "reference", request))
    answers = llm.ask([request for _, request in kept])
    return [
        _statement(answer.value, side)
        for (side, _), answer in zip(kept, answers, strict=True)
        if answer.is_answered
    ]


def _statement(value: object, side: Side) -> Statement:
    given: dict[str, str] = dict(value)  # type: ignore[call-overload]
    return Statement(
        normalised(given["sentence"]), normalised(given["negation"]), side,
        "presence" if given["kind"] == "presence" else "degree", given["place"] == "sentence",
        (), (),
    )  # fmt: skip

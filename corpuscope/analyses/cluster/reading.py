"""Names for clusters by a language model, and whether texts find home by their name alone.

The six most typical texts of each cluster and four at random name it. Up to thirty others are given
to a reader with all names, in random order, who says where each belongs, or nowhere. So a name is
tested on texts that had no part in it.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from corpuscope.llm.client import LLM
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, choice, record_of, text
from corpuscope.statistics.rates.intervals import wilson_interval

__all__ = [
    "ClusterReading",
    "ClusterTexts",
    "ReadCluster",
    "naming_request",
    "read_clusters",
    "reading_requests",
]

VERSION = "1"
_CENTRAL, _RANDOM, _HELD_OUT = 6, 4, 30
_SHOWN, _READ_CHARACTERS = 500, 3_000
_CONFUSED = 0.3
_NONE = "none of these"

_RULES = f"""\
Texts were divided into clusters by a program{{axis}}. You get passages of some texts of each
cluster, and words that mark it. Give each cluster a name of two to eight words that tells its
texts from those of the other clusters, and a sentence by which a stranger could tell of one text
whether it belongs there. Names must differ. If a cluster has nothing in common that you can see,
say so by status "unclear", and name it by what comes nearest.

{RULE}"""

_ASSIGNING = f"""\
You get a text and descriptions of kinds of texts. Say which kind the text belongs to, by its
letter; "{_NONE}" if it fits none. First give a reason in at most fifteen words.

{RULE}"""


@dataclass(frozen=True)
class ClusterTexts:
    """What a reader is shown of a cluster.

    Attributes:
        marks: Labels of the features that mark it.
        central: Its most typical texts.
        others: All its other texts.
    """

    marks: tuple[str, ...]
    central: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class ReadCluster:
    """A cluster with its name, and how its held-out texts were assigned.

    Attributes:
        name: The name.
        sentence: By what a text is told to belong.
        is_clear: Whether whoever named it saw what its texts have in common.
        n: Held-out texts that were assigned.
        recall: Share of these that came back.
        recall_interval: Its 95 % interval.
        precision: Share of all texts assigned here that are of this cluster; NaN if there are
            none.
    """

    name: str
    sentence: str
    is_clear: bool
    n: int
    recall: float
    recall_interval: tuple[float, float]
    precision: float


@dataclass(frozen=True)
class ClusterReading:
    """All clusters as a reader sees them.

    Attributes:
        clusters: One for each cluster.
        accuracy: Share of the held-out texts that came back to their cluster.
        accuracy_interval: Its 95 % interval.
        guessing: The accuracy of always naming the largest cluster.
        n_nowhere: Texts that fit no name.
        n_unread: Texts without a readable answer.
        confused: Pairs of clusters that are taken for each other both ways in more than 30 %.
    """

    clusters: tuple[ReadCluster, ...]
    accuracy: float
    accuracy_interval: tuple[float, float]
    guessing: float
    n_nowhere: int
    n_unread: int
    confused: tuple[tuple[int, int], ...]


def naming_request(clusters: Sequence[ClusterTexts], *, along: Sequence[str], seed: int) -> Request:
    """The request to name all clusters at once."""
    axis = f" along this axis: {'; '.join(along)}" if along else ""
    parts = []
    for number, one in enumerate(clusters, start=1):
        naming, _ = _halves(one, seed)
        passages = "\n".join(f"- {_passage(text)}" for text in naming)
        parts.append(f"Cluster {number}. Marks: {'; '.join(one.marks)}\n{passages}")
    naming_form = record_of(name=text(), sentence=text(), status=choice(["ok", "unclear"]))
    return Request(
        purpose="name clusters",
        system=_RULES.format(axis=axis),
        user=f"The clusters:\n{fenced(chr(10).join(parts))}\n\nName each.",
        schema=Schema(
            "names", {f"cluster_{number}": naming_form for number in range(1, len(clusters) + 1)}
        ),
        version=VERSION,
        max_output=160 * len(clusters) + 200,
    )


def read_clusters(
    clusters: Sequence[ClusterTexts],
    llm: LLM,
    *,
    along: Sequence[str],
    seed: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> ClusterReading | None:
    """Names of clusters, tested on texts that did not make them; None if none could be named.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    (answer,) = llm.ask([naming_request(clusters, along=along, seed=seed)])
    if not answer.is_answered:
        return None
    named = [answer.value[f"cluster_{number}"] for number in range(1, len(clusters) + 1)]
    kinds = [f"{one['name']}: {one['sentence']}" for one in named]
    asked = _assigning(clusters, kinds, seed)
    answers = llm.ask(
        [request for *_, request in asked],
        progress=None if progress is None else lambda done, n: progress("assign", done, n),
    )
    placed = [
        (at, None if not one.is_answered else _place(one.value["kind"], order))
        for (at, order, _), one in zip(asked, answers, strict=True)
    ]
    return _counted(placed, named)


def reading_requests(
    clusters: Sequence[ClusterTexts], kinds: Sequence[str], *, along: Sequence[str], seed: int
) -> list[Request]:
    """What `read_clusters` would ask, with other names in the place of those to come."""
    assigning = [request for *_, request in _assigning(clusters, kinds, seed)]
    return [naming_request(clusters, along=along, seed=seed), *assigning]


def _assigning(
    clusters: Sequence[ClusterTexts], kinds: Sequence[str], seed: int
) -> list[tuple[int, list[int], Request]]:
    """For each text that tests names: its cluster, the order of kinds, and the request."""
    return [
        (at, *_assigning_request(document, kinds, seed))
        for at, one in enumerate(clusters)
        for document in _halves(one, seed)[1]
    ]


def _halves(one: ClusterTexts, seed: int) -> tuple[list[str], list[str]]:
    """The texts that name a cluster, and those that test the name."""

    def draw(document: str) -> int:
        return zlib.crc32(f"{seed}\0{document}".encode("utf-8", "replace"))

    others = sorted(one.others, key=draw)
    # What is typical names best; what is left over is as any text of the cluster.
    naming = [*one.central[:_CENTRAL], *others[:_RANDOM]]
    return naming, others[_RANDOM : _RANDOM + _HELD_OUT]


def _passage(document: str) -> str:
    plain = " ".join(document.replace("\n", " ⏎ ").split())
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]} …"


def _assigning_request(document: str, kinds: Sequence[str], seed: int) -> tuple[list[int], Request]:
    """The order in which kinds are shown, and the request."""
    rng = np.random.default_rng([seed, zlib.crc32(document.encode("utf-8", "replace"))])
    order = rng.permutation(len(kinds)).tolist()
    letters = [_letter(at) for at in range(len(kinds))]
    listed = "\n".join(f"{letter}. {kinds[at]}" for letter, at in zip(letters, order, strict=True))
    return order, Request(
        purpose="assign texts",
        system=_ASSIGNING,
        user=f"The text:\n{fenced(document[:_READ_CHARACTERS])}\n\nThe kinds:\n{listed}\n\n"
        f"Which is it: {', '.join(letters)} or {_NONE}?",
        schema=Schema("kind", {"reason": text(), "kind": choice([*letters, _NONE])}),
        version=VERSION,
        max_output=120,
    )


def _letter(at: int) -> str:
    return chr(ord("A") + at) if at < 26 else f"A{at}"


def _place(kind: str, order: Sequence[int]) -> int:
    """The cluster that was meant; -1 for none."""
    if kind == _NONE:
        return -1
    return order[next(at for at in range(len(order)) if _letter(at) == kind)]


def _counted(
    placed: Sequence[tuple[int, int | None]], named: Sequence[dict[str, Any]]
) -> ClusterReading:
    n = len(named)
    counts = np.zeros((n, n + 1), dtype=np.int64)
    for own, given in placed:
        if given is not None:
            counts[own, given] += 1  # The last column is nowhere.
    sizes = counts.sum(axis=1)
    right = np.diag(counts[:, :n])
    assigned = counts[:, :n].sum(axis=0)
    clusters = tuple(
        ReadCluster(
            name=str(one["name"]),
            sentence=str(one["sentence"]),
            is_clear=one["status"] == "ok",
            n=int(sizes[at]),
            recall=float(right[at] / sizes[at]) if sizes[at] else np.nan,
            recall_interval=_interval(int(right[at]), int(sizes[at])),
            precision=float(right[at] / assigned[at]) if assigned[at] else np.nan,
        )
        for at, one in enumerate(named)
    )
    n_all = int(sizes.sum())
    shares = counts[:, :n] / np.maximum(sizes, 1)[:, None]
    confused = tuple(
        (a, b) for a, b in combinations(range(n), 2) if min(shares[a, b], shares[b, a]) > _CONFUSED
    )
    return ClusterReading(
        clusters,
        float(right.sum() / n_all) if n_all else np.nan,
        _interval(int(right.sum()), n_all),
        float(sizes.max(initial=0) / n_all) if n_all else np.nan,
        int(counts[:, n].sum()),
        sum(given is None for _, given in placed),
        confused,
    )


def _interval(x: int, n: int) -> tuple[float, float]:
    found = wilson_interval(np.array([x]), n)
    return float(found.lower[0]), float(found.upper[0])

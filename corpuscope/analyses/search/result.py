"""The result of `search`: hits, query features, and ways to refine the query."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corpuscope.analyses.results.base import plain
from corpuscope.analyses.results.evidence import ShownDocument, distinct
from corpuscope.analyses.results.naming import Name, Names, name_given
from corpuscope.analyses.search.finding import Hit, HitFeature, SearchedFeature
from corpuscope.analyses.search.grading import Grade, graded, grading_request
from corpuscope.analyses.search.query import Request
from corpuscope.analyses.search.retrieval import Match, Matcher
from corpuscope.analyses.search.word_spans import places_of_words
from corpuscope.errors import InputError
from corpuscope.llm import request as llm_request
from corpuscope.llm.client import LLM
from corpuscope.ranges import Method
from corpuscope.store.evidence import Evidence
from corpuscope.store.rows import StoredDocument

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED = 12
_N_FEATURES = 5
_N_SPANS = 3


@dataclass(frozen=True)
class SearchResult:
    """Texts that have a property, with the query.

    Attributes:
        request: The query.
        n: Maximum number of hits.
        n_documents: Number of documents searched.
        warnings: Caveats.
        grades: What a reader said of the first texts, by id; empty if none was asked.
    """

    request: Request
    n: int
    n_documents: int
    warnings: tuple[str, ...]
    match: Match = field(repr=False, compare=False)
    matcher: Matcher = field(repr=False, compare=False)
    names: Names = field(repr=False, compare=False)
    again: Callable[[Request], "SearchResult"] = field(repr=False, compare=False)
    grades: Mapping[str, Grade] = field(default_factory=dict, compare=False)

    @cached_property
    def features(self) -> tuple[SearchedFeature, ...]:
        """Features of the query by weight; the first dozen are named from these documents."""
        weighted, store = self.match.weighted, self.matcher.store
        numbers = weighted.features.tolist()
        known = self.names.of(numbers[:_NAMED])
        source = self.names.source
        given = {number: known.get(number) or name_given(source, number) for number in numbers}
        return tuple(
            SearchedFeature(
                feature=number,
                kind="sentence" if source.kind(number) == "sentence" else "token",
                label=given[number].label,
                label_score=given[number].score,
                label_source=given[number].source,
                weight=float(weight),
                n_documents=int(self.matcher.features.n_present[number]),
            )
            for number, weight in zip(numbers, weighted.weights, strict=True)
            if number < store.n_features
        )

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """The first `n` texts, without near-duplicates of earlier ones."""
        rows = [row for row, _ in self._rows_and_texts]
        given = {row: self.matcher.features.given_by(self.match.weighted, row) for row in rows}
        numbers = self.match.weighted.features
        top = {
            row: [at for at in np.argsort(-given[row]).tolist() if given[row][at] > 0]
            for row in rows
        }
        top = {row: places[:_N_FEATURES] for row, places in top.items()}
        # Named in one call, because each call reads the texts.
        known = self.names.of(int(numbers[at]) for row in rows for at in top[row])
        ranks = {method: self._ranks(method, rows) for method in self.match.scores}
        documents = dict(zip(rows, self.matcher.store.documents(rows), strict=True))
        return tuple(
            self._hit(
                place,
                row,
                evidence,
                given[row],
                ranks,
                tuple(
                    self._hit_feature(row, at, given[row], documents[row], known) for at in top[row]
                ),
            )
            for place, (row, evidence) in enumerate(self._rows_and_texts, 1)
        )

    def __len__(self) -> int:
        return len(self.hits)

    @cached_property
    def _rows_and_texts(self) -> list[ShownDocument]:
        # Examples come first, so that near-duplicates of them are skipped as well.
        examples = list(self._texts(self.match.examples.tolist()))
        found = distinct(self._candidates(examples), self.n + len(examples))
        known = {row for row, _ in examples}
        return [one for one in found if one[0] not in known][: self.n]

    def _candidates(self, examples: list[ShownDocument]) -> Iterator[ShownDocument]:
        yield from examples
        order = self.match.order.tolist()
        # More are read only if some are near-duplicates of earlier ones.
        for first in range(0, len(order), self.n):
            yield from self._texts(order[first : first + self.n])

    def _texts(self, rows: Sequence[int]) -> Iterator[ShownDocument]:
        if not rows:
            return
        store = self.matcher.store
        table = store.table(rows, "id", "text").to_pydict()
        for row, id, text in zip(rows, table["id"], table["text"], strict=True):
            yield row, Evidence(id, text, None, (), float(self.match.fused[row]))

    def _ranks(self, method: Method, rows: Sequence[int]) -> dict[int, int]:
        """Rank of each row by one method (ties share the best rank), where it has a score."""
        scores = self.match.scores[method]
        if self.matcher.allowed is not None:
            scores = scores[self.matcher.allowed | np.isin(np.arange(len(scores)), rows)]
        own = self.match.scores[method]
        return {
            row: int(np.count_nonzero(scores > own[row])) + 1 for row in rows if own[row] > -np.inf
        }

    def _hit(
        self,
        place: int,
        row: int,
        evidence: Evidence,
        given: Any,
        ranks: Mapping[Method, Mapping[int, int]],
        features: tuple[HitFeature, ...],
    ) -> Hit:
        words = places_of_words(evidence.text, self.matcher.words, self.match.words)
        spans = {one.span for one in features[:_N_SPANS]}
        # Reversed, so that the first occurrence of each word wins.
        firsts = dict(reversed(words))
        spans |= set(list(dict.fromkeys(firsts[word] for word, _ in words))[:_N_SPANS])
        return Hit(
            rank=place,
            id=evidence.id,
            score=evidence.strength,
            text=evidence.text,
            features=features,
            given=float(given[given > 0].sum()),
            words=tuple(dict.fromkeys(word for word, _ in words)),
            spans=tuple(sorted(spans)),
            ranks={method: of[row] for method, of in ranks.items() if row in of},
        )

    def _hit_feature(
        self, row: int, at: int, given: Any, document: StoredDocument,
        known: Mapping[int | str, Name],
    ) -> HitFeature:  # fmt: skip
        weighted = self.match.weighted
        feature = int(weighted.features[at])
        found = self.matcher.features.strengths.of_feature(feature)
        place = int(np.searchsorted(found.rows, row))
        unit = int(found.peaks[place])
        is_token = self.names.source.kind(feature) != "sentence"
        start, end = (document.token_spans if is_token else document.sentence_spans)[unit].tolist()
        name = known[feature]
        return HitFeature(
            feature=feature,
            label=name.label,
            label_source=name.source,
            weight=float(weighted.weights[at]),
            strength=float(found.strengths[place]),
            share=float(given[at] / given[given > 0].sum()),
            span=(start, end),
        )

    def evidence(self, i: int) -> list[Evidence]:
        """Why hit `i` was found: an entry per feature, then one for all words."""
        hit = self.hits[i]
        found = [
            Evidence(hit.id, hit.text, None, (one.span,), one.strength) for one in hit.features
        ]
        words = places_of_words(hit.text, self.matcher.words, self.match.words)
        places = tuple(span for _, span in words)
        return [*found, *([Evidence(hit.id, hit.text, None, places, 0.0)] if places else [])]

    def grading_requests(self, n: int = 50) -> list[llm_request.Request]:
        """What `graded` would ask."""
        texts = self.matcher.store.texts(self.match.order[:n])
        phrase, expansion = self.request.phrase or "", self.request.expansion
        return [grading_request(phrase, one, expansion) for one in texts]

    def graded(
        self,
        llm: LLM,
        *,
        n: int = 50,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> "SearchResult":
        """The result with its first `n` texts read, graded and ordered by grade.

        Texts of one grade keep their order; so do those that could not be read, as if graded 1.

        Raises:
            InputError: The query has no phrase to grade by.
            EndpointRefused: The language model cannot be asked.
            AnswersMissing: Requests wait for answers.
        """
        if not self.request.phrase:
            raise InputError(
                "a search without a phrase",
                expected="a property in words, to grade texts by",
                next_step="add a phrase",
            )
        first = self.match.order[:n]
        store = self.matcher.store
        found = graded(
            self.request.phrase, store.texts(first), llm, expansion=self.request.expansion,
            progress=progress,
        )  # fmt: skip
        better = np.argsort([-one.rank_value for one in found], kind="stable")
        order = np.concatenate([first[better], self.match.order[n:]])
        grades = dict(zip(store.ids_of(first), found, strict=True))
        return replace(self, match=replace(self.match, order=order), grades=grades)

    def reweighted(self, weights: Mapping[int, float]) -> "SearchResult":
        """The result with other weights for some features; the others are unchanged.

        Raises:
            InputError: A feature does not exist, or a weight is not finite.
        """
        return self.again(replace(self.request, weights={**self.request.weights, **weights}))

    def more_like(self, ids: Sequence[str]) -> "SearchResult":
        """The result with these texts as further positive examples.

        Raises:
            InputError: An id does not exist.
        """
        return self._with(
            like=[*self.request.like, *ids], unlike=_without(self.request.unlike, ids)
        )

    def less_like(self, ids: Sequence[str]) -> "SearchResult":
        """The result with these texts as further negative examples.

        Raises:
            InputError: An id does not exist, or nothing is left to search for.
        """
        return self._with(
            like=_without(self.request.like, ids), unlike=[*self.request.unlike, *ids]
        )

    def _with(self, *, like: Sequence[str], unlike: Sequence[str]) -> "SearchResult":
        return self.again(
            replace(
                self.request,
                like=tuple(dict.fromkeys(like)),
                unlike=tuple(dict.fromkeys(unlike)),
            )
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each hit."""
        rows = [
            {
                "rank": hit.rank,
                "id": hit.id,
                "score": hit.score,
                "text": hit.text,
                "features": ", ".join(one.label for one in hit.features),
                "words": ", ".join(hit.words),
                **{f"rank by {method}": hit.ranks.get(method) for method in self.match.scores},
            }
            for hit in self.hits
        ]
        return pd.DataFrame(rows)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON values; NaN becomes None."""
        return {
            "analysis": "search",
            "version": version("corpuscope"),
            "store": {"path": str(self.matcher.store.path), "digest": self.matcher.store.digest},
            "parameters": self._parameters(),
            "n_documents": self.n_documents,
            "warnings": list(self.warnings),
            "features": [plain(asdict(one)) for one in self.features],
            "hits": [plain(asdict(hit)) for hit in self.hits],
        } | (
            {"grades": {id: asdict(one) for id, one in self.grades.items()}} if self.grades else {}
        )

    def _parameters(self) -> dict[str, Any]:
        given = asdict(self.request)
        # Searches that asked nobody stay as they were.
        if self.request.expansion is None:
            del given["expansion"]
        weights = {str(feature): weight for feature, weight in self.request.weights.items()}
        return given | {"n": self.n, "weights": weights}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Axes of a bar chart of feature contributions to the first hits."""
        from corpuscope.analyses.search.plot import plot_search

        return plot_search(self.hits, asked=self.request.in_words(), ax=ax)


def _without(ids: Sequence[str], others: Sequence[str]) -> list[str]:
    return [id for id in ids if id not in set(others)]

"""The result of `correlate`: pairs of features, arguments, and ways to show them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corpuscope.analyses.comparison.tested_features import label_of, own_label_of
from corpuscope.analyses.correlate.finding import Candidate, PairFinding
from corpuscope.analyses.correlate.oddity import NamedPair, Oddity, judge_pairs, pair_requests
from corpuscope.analyses.correlate.pair_selection import RELIABLE_LABEL
from corpuscope.analyses.correlate.pair_statistics import rows_with_both
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.verification import (
    DrawnPair,
    VerifiedPair,
    drawn_pair,
    pair_reading_requests,
    verified_pairs,
)
from corpuscope.analyses.correlate.views import View
from corpuscope.analyses.results.base import Answer, heading, plain
from corpuscope.analyses.results.evidence import as_json, distinct
from corpuscope.analyses.results.naming import Name, Names, name_given
from corpuscope.labels.named_store import UNNAMED
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.statistics.judges.judged_rates import KnownAnswers
from corpuscope.store.evidence import Evidence
from corpuscope.store.lexical import spans

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Oversampling factor of the evidence, since near-duplicates are skipped.
_LOOKED_AT = 6
_N_RANDOM, _RELATED = 20, 0.75
_NAMED_MEMBERS = 6


@dataclass(frozen=True)
class CorrelateResult(Answer):
    """Pairs of co-occurring features, unexpected ones first, then by confidence.

    Attributes:
        candidates: All families of pairs with a small p-value, best first.
        q: Findings are the replicated candidates with a q-value of at most this.
        max_findings: Maximum number of findings; None for all.
        unexpected_below: A pair is unexpected if at most this share of random pairs are less
            similar.
        n_possible: Number of testable pairs: those whose rates allow the NPMI.
        n_reaching: Number of these that reach it.
        n_explained: Number of those explained by length and strata.
        n_divided: Number of the remaining significant pairs explained by parts of the corpus.
        n_parts: Number of large parts controlled for; 1 if none.
        n_same_places: Pairs dropped because their features peak at the same positions.
        n_spelling: Pairs dropped because a feature peaks inside words.
        suggested_group: A column whose values should be counted instead of documents; None if
            there is none.
        oddities: What a language model makes of pairs, by their features; empty if none was
            asked.
        verifications: What reading says of pairs, by their features; empty if none was verified.
    """

    candidates: tuple[Candidate, ...] = field(repr=False)
    q: float
    max_findings: int | None
    unexpected_below: float
    n_possible: int
    n_reaching: int
    n_explained: int
    n_divided: int
    n_parts: int
    n_same_places: int
    n_spelling: int
    suggested_group: str | None
    views: tuple[View, View] = field(repr=False, compare=False)
    names: tuple[Names, Names] = field(repr=False, compare=False)
    similarity: Similarity = field(repr=False, compare=False)
    n_evidence: int = field(repr=False, compare=False)
    oddities: Mapping[tuple[int | str, int | str], Oddity] = field(
        default_factory=dict, repr=False, compare=False
    )
    verifications: Mapping[tuple[int | str, int | str], VerifiedPair] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def _shown(self) -> list[Candidate]:
        """Significant and replicated candidates in the order of findings, named."""
        kept = [
            one
            for one in self.candidates
            if one.finding.q_value <= self.q and one.finding.replicated
        ]
        compared = self._compared(kept, self._own_names(kept))
        compared.sort(key=self._place)
        named = self._named(compared[: self.max_findings])
        # Sorted again: local names may change what is unexpected.
        return sorted(named, key=self._place)

    def _place(self, one: Candidate) -> tuple[bool, float]:
        """Unexpected pairs first; among these the oddest, where a language model was asked."""
        finding = one.finding
        judged = self.oddities.get((finding.feature_a, finding.feature_b))
        if judged is None or math.isnan(judged.oddity):
            return not finding.unexpected, 0.0
        return not finding.unexpected or judged.alike > _RELATED, -judged.oddity

    def judged(self, llm: LLM, *, n: int = 100, repetitions: int = 1) -> "CorrelateResult":
        """The result with the first `n` pairs judged from their names, the oddest first.

        Only names are sent. Pairs that are not odd stay; they come later.

        Args:
            llm: Who guesses which properties go together.
            n: How many pairs are judged.
            repetitions: How often each guess is asked for; the source of the measure takes five.

        Raises:
            EndpointRefused: The language model cannot be asked.
            AnswersMissing: Requests wait for answers.
        """
        shown = replace(self, max_findings=n).findings
        pairs = _named_pairs(shown)
        found = judge_pairs(pairs, self._random_pairs(), llm, repetitions=repetitions)
        keys = [(one.feature_a, one.feature_b) for one in shown]
        warnings = self.warnings
        if pairs and not found.is_calibrated:
            warnings += (
                "the language model expects random pairs "
                f"({found.of_random:+.2f}) more or less often than chance has them, or pairs of "
                f"one meaning ({found.of_alike:+.2f}) no more often: no pair is called odd",
            )
        return replace(self, oddities=dict(zip(keys, found.pairs, strict=True)), warnings=warnings)

    def judging_requests(self, *, n: int = 100, repetitions: int = 1) -> list[Request]:
        """What `judged` would ask."""
        pairs = _named_pairs(replace(self, max_findings=n).findings)
        return [one for _, one in pair_requests([*pairs, *self._random_pairs()], repetitions)]

    def verified(
        self, llm: LLM, *, n: int = 5, per_cell: int = 60, known: KnownAnswers | None = None
    ) -> "CorrelateResult":
        """The result with the first `n` findings verified by reading texts for each property.

        Whole texts are sent: up to `per_cell` with both features, with each alone and with
        neither, each of them once for either property.

        Args:
            llm: Who reads.
            n: How many findings are verified.
            per_cell: How many documents of each cell are read; all if it has fewer.
            known: What `llm` said of texts whose answer is known: rates are then corrected for its
                error; None leaves them as judged.

        Raises:
            EndpointRefused: The language model cannot be asked.
            AnswersMissing: Requests wait for answers.
        """
        found = verified_pairs(
            self._drawn(n, per_cell), llm, min_npmi=self.parameters["min_npmi"], known=known
        )
        keys = [(one.feature_a, one.feature_b) for one in self.findings[:n]]
        return replace(self, verifications=dict(zip(keys, found, strict=True)))

    def verifying_requests(self, *, n: int = 5, per_cell: int = 60) -> list[Request]:
        """What `verified` would ask."""
        return [
            request for pair in self._drawn(n, per_cell) for request in pair_reading_requests(pair)
        ]

    def _drawn(self, n: int, per_cell: int) -> list[DrawnPair]:
        return [
            drawn_pair(
                self.views, one.columns, (one.finding.label_a, one.finding.label_b),
                per_cell=per_cell, seed=0,
            )
            for one in self._shown[:n]
        ]  # fmt: skip

    def _random_pairs(self) -> list[NamedPair]:
        """Pairs of features drawn at random, with what they co-occur by chance."""
        left, right = self.views
        rng = np.random.default_rng(0)
        n = len(left.rows)
        found = []
        for _ in range(_N_RANDOM):
            columns = (int(rng.integers(len(left.columns))), int(rng.integers(len(right.columns))))
            rates = tuple(
                float(view.presence[:, [column]].sum()) / n
                for view, column in zip(self.views, columns, strict=True)
            )
            both = len(rows_with_both(left, right, columns))
            names = tuple(
                named_by_dictionary(view, column).label
                for view, column in zip(self.views, columns, strict=True)
            )
            expected = rates[0] * rates[1] * n
            found.append(
                NamedPair((names[0], names[1]), (rates[0], rates[1]), both / max(expected, 1e-9))
            )
        return found

    @property
    def findings(self) -> tuple[PairFinding, ...]:
        """The replicated candidates with a q-value of at most `q`."""
        return tuple(one.finding for one in self._shown)

    def __len__(self) -> int:
        return len(self._shown)

    def _own_names(self, candidates: list[Candidate]) -> list[tuple[str, str]]:
        """The dictionary's labels of each pair, whether or not they apply to these texts."""
        left, right = self.views
        return [
            (own_label_of(left.source, left.columns, one.columns[0]),
             own_label_of(right.source, right.columns, one.columns[1]))
            for one in candidates
        ]  # fmt: skip

    def _compared(
        self, candidates: list[Candidate], names: list[tuple[str, str]]
    ) -> list[Candidate]:
        """The candidates with similarity and unexpectedness by these names."""
        cosines = self.similarity.of_names(names)
        lefts, rights = np.array([one.columns for one in candidates], np.int64).reshape(-1, 2).T
        ranks = self.similarity.rank(lefts, rights, names=cosines)
        return [
            self._with_similarity(one, cosine, float(rank))
            for one, cosine, rank in zip(candidates, cosines, ranks, strict=True)
        ]

    def _with_similarity(self, one: Candidate, cosine: float, rank: float) -> Candidate:
        is_far = bool(rank <= self.unexpected_below) and not one.is_phrase
        finding = replace(
            one.finding, label_similarity=cosine, similarity_rank=rank, unexpected=is_far
        )
        return replace(one, finding=finding)

    def _named(self, candidates: list[Candidate]) -> list[Candidate]:
        """The candidates with names made from these documents."""
        known = [
            names.of(
                feature
                for one in candidates
                for columns in (one.columns, *one.members[:_NAMED_MEMBERS])
                if isinstance(feature := view.columns.name(columns[side]), int)
            )
            for side, (view, names) in enumerate(zip(self.views, self.names, strict=True))
        ]

        def name(side: int, column: int) -> Name:
            view = self.views[side]
            found = known[side].get(view.columns.name(column))
            return named_by_dictionary(view, column) if found is None else found

        def named(one: Candidate) -> Candidate:
            a, b = (name(side, column) for side, column in enumerate(one.columns))
            members = tuple(
                replace(member, label_a=name(0, left).label, label_b=name(1, right).label)
                if at < _NAMED_MEMBERS
                else member
                for at, (member, (left, right)) in enumerate(
                    zip(one.finding.members, one.members, strict=True)
                )
            )
            finding = replace(
                one.finding, label_a=a.label, label_b=b.label, label_score_a=a.score,
                label_score_b=b.score, label_source_a=a.source, label_source_b=b.source,
                members=members,
            )  # fmt: skip
            return replace(one, finding=finding)

        renamed = [named(one) for one in candidates]
        return self._compared(renamed, [self._meanings(one, known) for one in renamed])

    def _meanings(
        self, one: Candidate, known: Sequence[Mapping[int | str, Name]]
    ) -> tuple[str, str]:
        """The names by which the similarity of a pair is computed.

        A name made from few documents may be unreliable: then the dictionary's is used.
        """
        shown = (one.finding.label_a, one.finding.label_b)
        own = self._own_names([one])[0]
        chosen = [
            mine if _is_poor(known[side], view, column) else here
            for side, (view, column, mine, here) in enumerate(
                zip(self.views, one.columns, own, shown, strict=True)
            )
        ]
        return chosen[0], chosen[1]

    def evidence(self, i: int) -> list[Evidence]:
        """Documents with both features of finding `i`, strongest first, with spans of both.

        With one store, an entry per document: the first span belongs to the first feature, the
        rest to the second. With two stores, two entries per document, side "a" and side "b".
        """
        return [
            entry for _, entries in self._documents(self._shown[i].columns) for entry in entries
        ]

    def _documents(self, columns: tuple[int, int]) -> list[tuple[int, list[Evidence]]]:
        left, right = self.views
        both = rows_with_both(left, right, columns)
        shown = [
            _strongest(view, column, both, n=_LOOKED_AT * self.n_evidence, side=side)
            for view, column, side in zip(self.views, columns, ("a", "b"), strict=True)
        ]
        ranks = {
            row: tuple(list(one).index(row) for one in shown)
            for row in both.tolist()
            if all(row in one for one in shown)
        }
        # By the worse of the two ranks, so that both features are strong.
        order = sorted(ranks, key=lambda row: max(ranks[row]))
        is_one = left.source is right.source
        found = [
            (row, [_both_places(shown[0][row], shown[1][row])] if is_one
             else [shown[0][row], shown[1][row]])
            for row in order
        ]  # fmt: skip
        firsts = distinct(((row, entries[0]) for row, entries in found), self.n_evidence)
        kept = {row for row, _ in firsts}
        return [(row, entries) for row, entries in found if row in kept]

    def to_frame(self) -> pd.DataFrame:
        """A row for each finding; intervals in two columns.

        With verified pairs, their word, NPMI and interval follow in columns `verified...`.
        """
        table = pd.DataFrame([_row(one) for one in self.findings], columns=_COLUMNS)
        if not self.verifications:
            return table
        read = pd.DataFrame([_verified_row(one) for one in self._in_order(self.verifications)])
        return pd.concat([table, read], axis=1)

    def to_json(self) -> dict[str, Any]:
        """The result with evidence, as JSON values; NaN becomes None."""
        return {
            **heading("correlate", self),
            "suggested_group": self.suggested_group,
            "n_possible": self.n_possible,
            "n_reaching": self.n_reaching,
            "n_explained": self.n_explained,
            "n_divided": self.n_divided,
            "n_parts": self.n_parts,
            "n_same_places": self.n_same_places,
            "n_spelling": self.n_spelling,
            "findings": [
                plain(asdict(one)) | {"evidence": [as_json(e) for e in self.evidence(i)]}
                for i, one in enumerate(self.findings)
            ],
        } | {
            name: [{} if one is None else plain(asdict(one)) for one in self._in_order(known)]
            for name, known in (("oddities", self.oddities), ("verifications", self.verifications))
            if known
        }

    def _in_order(self, known: Mapping[tuple[int | str, int | str], Any]) -> list[Any]:
        """What is known of each finding; None where a language model was not asked."""
        return [known.get((one.feature_a, one.feature_b)) for one in self.findings]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Axes of NPMI against similarity, with the threshold of unexpected pairs."""
        from corpuscope.analyses.correlate.plot import plot_correlate

        return plot_correlate(
            self.points(), self.findings, unexpected_below=self.unexpected_below, ax=ax
        )

    def points(self) -> list[PairFinding]:
        """All significant and replicated candidates, compared by the dictionary's labels."""
        kept = [
            one
            for one in self.candidates
            if one.finding.q_value <= self.q and one.finding.replicated
        ]
        return [one.finding for one in self._compared(kept, self._own_names(kept))]


def _named_pairs(findings: Sequence[PairFinding]) -> list[NamedPair]:
    return [
        NamedPair((one.label_a, one.label_b), (one.rate_a, one.rate_b), one.lift)
        for one in findings
    ]


def named_by_dictionary(view: View, column: int) -> Name:
    """The dictionary's label of a column, if it applies to these texts."""
    name = view.columns.name(column)
    if isinstance(name, int):
        return name_given(view.source, name)
    return Name(label_of(view.source, view.columns, column), math.nan, "word")


def _is_poor(known: Mapping[int | str, Name], view: View, column: int) -> bool:
    """Whether the local name is missing, or unreliable while the dictionary's is reliable."""
    feature = view.columns.name(column)
    if not isinstance(feature, int) or feature not in known:
        return False
    own = float(view.source.scores[feature])
    return known[feature].source == UNNAMED or known[feature].score < RELIABLE_LABEL <= own


def _strongest(view: View, column: int, both: Any, *, n: int, side: str) -> dict[int, Evidence]:
    """Evidence from documents with both features, by position among the included documents."""
    name = view.columns.name(column)
    place = dict(zip(view.rows[both].tolist(), both.tolist(), strict=True))
    if isinstance(name, int):
        found = view.source.strongest(name, view.rows[both], n=len(both), side=side)
        return {place[row]: entry for row, entry in found}
    chosen = view.rows[both][:n].tolist()
    answer = {}
    for row, id, text in zip(
        chosen, view.source.ids_of(chosen), view.source.texts(chosen), strict=True
    ):
        places = tuple((start, end) for start, end in spans(text, name))
        answer[place[row]] = Evidence(id, text, side, places[:1], float(len(places)))
    return answer


def _both_places(one: Evidence, other: Evidence) -> Evidence:
    return replace(
        one, side=None, spans=(*one.spans, *other.spans), strength=min(one.strength, other.strength)
    )


_COLUMNS = [
    "label_a", "label_b", "feature_a", "feature_b", "kind_a", "kind_b", "n_both", "share_apart",
    "rate_a", "rate_b", "rate_both", "npmi", "lower", "upper", "npmi_adjusted", "lift",
    "lift_within", "p_value", "q_value", "label_similarity", "similarity_rank", "unexpected",
    "replicated", "n_members", "groups_p",
]  # fmt: skip


def _row(finding: PairFinding) -> dict[str, object]:
    own = {name: getattr(finding, name) for name in _COLUMNS if hasattr(finding, name)}
    lower, upper = finding.interval
    return (
        own
        | {"lower": lower, "upper": upper, "n_members": len(finding.members)}
        | {f"npmi {name}": value for name, value in finding.groups.items()}
    )


def _verified_row(found: VerifiedPair | None) -> dict[str, object]:
    word, npmi, ends = (None, math.nan, (math.nan, math.nan)) if found is None else (
        found.word, found.npmi, found.interval
    )  # fmt: skip
    return {"verified": word, "verified_npmi": npmi, "verified_lower": ends[0],
            "verified_upper": ends[1]}  # fmt: skip

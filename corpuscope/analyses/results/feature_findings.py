"""The base classes of the findings and results of `diff` and `trend`."""

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from corpuscope.analyses.comparison.families import Family
from corpuscope.analyses.comparison.tested_features import (
    FeatureKind,
    TestedFeatures,
    kind_of,
    label_of,
    label_source_of,
)
from corpuscope.analyses.results.base import Answer, plain
from corpuscope.analyses.results.evidence import as_json
from corpuscope.analyses.results.naming import Name, Names
from corpuscope.analyses.sentences.kinds import SentenceKind
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import check_q
from corpuscope.shapes import PerTest
from corpuscope.store.evidence import Evidence

# Only so many members per finding are labelled from the documents compared, to save time.
_NAMED_MEMBERS = 6


@dataclass(frozen=True)
class Member:
    """A feature represented by the leader of its family.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: Whether it is a token, sentence or word feature.
        label: Its label.
        label_source: The source of the label, as in `FeatureFinding`.
    """

    feature: int | str
    kind: FeatureKind
    label: str
    label_source: str


@dataclass(frozen=True)
class FeatureFinding:
    """A reported feature, which represents its family.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: Whether it is a token, sentence or word feature.
        label: Its label: what it means in the documents compared.
        label_score: How often the label picks out the token or sentence at which the feature
            peaks among ten random ones from documents without the feature, in [0, 1]; chance is
            1/11. NaN for word features, which are their own label.
        label_source: The source of the label: `here` from the documents compared, `dictionary`
            from the words of other texts, `word` for word features, `number` for no label; else
            its author, as recorded in the store.
        members: Features present in the same documents, or with overlapping peaks, that this
            finding represents; strongest first.
        p_value: Two-sided; the larger of the raw and the adjusted one unless `adjust` is off.
        q_value: The false discovery rate among the findings at least as significant as this.
        replicated: Whether both halves of the documents agree in direction, with a p-value below
            .05 in the held-out half.
        z: The z-score of the p-value, with the sign of the direction.
        adds_length: Whether it lengthens its texts itself: it is significant by its rate per
            token, but not after length adjustment.
    """

    feature: int | str
    kind: FeatureKind
    label: str
    label_score: float
    label_source: str
    members: tuple[Member, ...]
    p_value: float
    q_value: float
    replicated: bool
    z: float
    adds_length: bool

    @property
    def features(self) -> tuple[int | str, ...]:
        """The feature and the members it represents."""
        return (self.feature, *(member.feature for member in self.members))


_Finding = TypeVar("_Finding", bound=FeatureFinding)
_Kind = TypeVar("_Kind", bound=SentenceKind)
_Answer = TypeVar("_Answer", bound="FeatureAnswer[Any, Any]")


@dataclass(frozen=True)
class FeatureAnswer(Answer, ABC, Generic[_Finding, _Kind]):
    """A result whose findings are features, each representing a family.

    Attributes:
        candidates: Every family with a p-value below .01, in reporting order.
        q: Findings are the replicated candidates with a q-value of at most this.
        max_findings: Largest number of findings reported; None for all.
        n_tested: Number of features tested: those with enough support to reach significance.
        raw_q: Their q-values before adjusting for length and covariates.
        suggested_group: A column whose values are clusters of dependent documents, to be used as
            `group`; None if there is none.
        names: The labels of features in these documents.
        find_kinds: Computes `sentence_kinds`.
        find_unadjusted: Computes `unadjusted`.
    """

    candidates: tuple[_Finding, ...] = field(repr=False)
    q: float
    max_findings: int | None
    n_tested: int
    raw_q: PerTest = field(repr=False, compare=False)
    suggested_group: str | None
    names: Names = field(repr=False, compare=False)
    find_kinds: Callable[[], tuple[_Kind, ...]] = field(repr=False, compare=False)
    find_unadjusted: Callable[[], Any] = field(repr=False, compare=False)

    @property
    def n_candidates(self) -> int:
        """The number of families with a p-value below .01."""
        return len(self.candidates)

    @cached_property
    def findings(self) -> tuple[_Finding, ...]:
        """The replicated candidates with a q-value of at most `q`, up to `max_findings`."""
        return named(list(itertools.islice(self.significant(), self.max_findings)), self.names)

    @cached_property
    def sentence_kinds(self) -> tuple[_Kind, ...]:
        """The kinds of sentences that differ in either direction, whether or not significantly.

        An omnibus test per direction of what many features make up together, learned from some
        documents and counted in others. Empty if a group has fewer than 40 documents or
        dictionary features were not tested. Computed on first access, in seconds.
        """
        return self.find_kinds()

    @property
    def p_anything(self) -> float:
        """The p-value of the omnibus test that sentences differ at all; NaN if not computed.

        The smaller of the two directions' p-values. These are two-sided but count in one
        direction only, which amounts to a Bonferroni correction of two one-sided tests.
        """
        return min((one.p_value for one in self.sentence_kinds), default=math.nan)

    @property
    def unadjusted(self: _Answer) -> _Answer:
        """The result without adjusting for length and covariates.

        Computed on first access, reusing the counts of this result.
        """
        found: _Answer = self.find_unadjusted()
        return found.at(q=self.q)

    def significant(self) -> Iterator[_Finding]:
        """All findings, without the limit of `max_findings`, with the dictionary's labels."""
        return (one for one in self.candidates if one.q_value <= self.q and one.replicated)

    def __len__(self) -> int:
        return len(self.findings)

    def at(self: _Answer, *, q: float) -> _Answer:
        """The result at another false discovery rate; nothing is recomputed."""
        check_q(q)
        return replace(self, q=q, parameters={**self.parameters, "q": q})

    def without(
        self: _Answer, other: "FeatureAnswer[Any, Any]", *, n: int | None = None
    ) -> _Answer:
        """The first `n` findings whose features are in no family reported by another result."""
        known = {feature for one in other.significant() for feature in one.features}
        rest = [one for one in self.significant() if one.feature not in known]
        return replace(self, candidates=tuple(rest[:n]))

    @abstractmethod
    def evidence(self, i: int) -> list[Evidence]:
        """Documents with the feature of finding `i`."""

    def findings_as_json(self) -> list[dict[str, Any]]:
        """Each finding with its evidence, as JSON-compatible values; NaN becomes None."""
        return [
            plain(asdict(one)) | {"evidence": [as_json(shown) for shown in self.evidence(i)]}
            for i, one in enumerate(self.findings)
        ]


def members_of(
    source: NamedStore, columns: TestedFeatures, family: Family
) -> tuple[Member, tuple[Member, ...]]:
    """The leader and the members of a family, with the dictionary's labels."""
    leader, *members = (
        Member(
            columns.name(c), kind_of(source, columns, c), label_of(source, columns, c),
            label_source_of(source, columns, c),
        )
        for c in family.columns
    )  # fmt: skip
    return leader, tuple(members)


def named(findings: Sequence[_Finding], names: Names) -> tuple[_Finding, ...]:
    """The findings and their strongest members, labelled from the documents compared."""
    shown = [one.features[: 1 + _NAMED_MEMBERS] for one in findings]
    known = names.of(f for features in shown for f in features if isinstance(f, int))
    return tuple(_labelled(one, known) for one in findings)


def _labelled(one: _Finding, known: Mapping[int | str, Name]) -> _Finding:
    members = tuple(
        replace(m, label=known[m.feature].label, label_source=known[m.feature].source)
        if m.feature in known
        else m
        for m in one.members
    )
    if (name := known.get(one.feature)) is None:
        return replace(one, members=members)
    return replace(
        one, label=name.label, label_score=name.score, label_source=name.source, members=members
    )

"""What `diff` and `trend` share: findings that are features with families, and answers of these."""

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
from corpuscope.analyses.results.base import plain
from corpuscope.analyses.results.evidence import as_json
from corpuscope.analyses.results.naming import Name, Names
from corpuscope.analyses.sentences.kinds import SentenceKind
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import check_q
from corpuscope.shapes import PerTest
from corpuscope.store.evidence import Evidence

# The members of a finding that are named from the documents compared; few read on.
_NAMED_MEMBERS = 6


@dataclass(frozen=True)
class Member:
    """A feature that is told by the leader of its family.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: What it is a feature of.
        label: Its name for people.
        label_source: Where the name is from, as in a finding.
    """

    feature: int | str
    kind: FeatureKind
    label: str
    label_source: str


@dataclass(frozen=True)
class FeatureFinding:
    """A feature that an answer tells of, with what is told by it.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: What it is a feature of.
        label: Its name for people: what it means in the documents compared.
        label_score: How often the label picks the token or sentence at which the feature peaks
            out of it and ten random ones of documents without the feature, in [0, 1]; NaN for
            word features, which are what they are called.
        label_source: Where the name is from: `here` from the documents compared, `dictionary`
            from the words of other texts, `word` of word features, `number` where there is no
            name; else who gave it, as the store has it.
        members: What else sits in the same documents, or at the same places in them, and is
            told by this finding; strongest first.
        p_value: Two-sided; the larger of the raw and the adjusted one unless told otherwise.
        q_value: The share of false findings among those at least as sure as this one.
        replicated: Whether both halves of the documents have it in this direction, the one that
            was held out with a p-value below .05.
        z: The p-value in standard errors, with the sign of the direction.
        adds_length: Whether it makes its texts longer itself: it holds by how often it is a
            token, and would be no finding at equal lengths alone.
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
        """The feature and those told by it."""
        return (self.feature, *(member.feature for member in self.members))


_Finding = TypeVar("_Finding", bound=FeatureFinding)
_Kind = TypeVar("_Kind", bound=SentenceKind)
_Answer = TypeVar("_Answer", bound="FeatureAnswer[Any, Any]")


@dataclass(frozen=True)
class FeatureAnswer(ABC, Generic[_Finding, _Kind]):
    """An answer made of features, each told with its family.

    Attributes:
        candidates: Every family with a p-value below .01, in the order in which they are told.
        q: Findings are the replicated candidates with a q-value of at most this.
        max_findings: So many are shown at most; None shows all.
        parameters: What was asked, by name.
        store: The folder that was read; several are joined by a plus.
        digest: Names the content of the store.
        n_documents: Documents of all groups that were compared.
        n_tested: Features with enough support to reach a small p-value.
        raw_q: The q-value of each of them as it stands, whatever explains it.
        warnings: What was left out, and what to be careful about.
        suggested_group: A column within which documents are so much alike that it should be
            named as `group`; None where there is none.
    """

    candidates: tuple[_Finding, ...] = field(repr=False)
    q: float
    max_findings: int | None
    parameters: Mapping[str, Any] = field(repr=False)
    store: str
    digest: str
    n_documents: int
    n_tested: int
    raw_q: PerTest = field(repr=False, compare=False)
    warnings: tuple[str, ...]
    suggested_group: str | None
    names: Names = field(repr=False, compare=False)
    find_kinds: Callable[[], tuple[_Kind, ...]] = field(repr=False, compare=False)
    find_unadjusted: Callable[[], Any] = field(repr=False, compare=False)

    @property
    def n_candidates(self) -> int:
        """How many families have a p-value below .01."""
        return len(self.candidates)

    @cached_property
    def findings(self) -> tuple[_Finding, ...]:
        """The replicated candidates with a q-value of at most `q`, as many as are shown."""
        return named(list(itertools.islice(self.holding(), self.max_findings)), self.names)

    @cached_property
    def sentence_kinds(self) -> tuple[_Kind, ...]:
        """Sentences of the kind that goes one way between the groups, and of that which goes back.

        What many features make up together, learned from some documents and counted in others:
        one test a direction, told whether or not it is sure of anything. None where a group has
        fewer than 40 documents or the dictionary's features were not asked about. Worked out
        when it is asked for, in seconds.
        """
        return self.find_kinds()

    @property
    def p_anything(self) -> float:
        """The chance of kinds of sentences as different as these if nothing differed; or NaN.

        Two-sided, of both directions together: the smaller p-value, for each counts in one
        direction alone, so it is twice that of its direction.
        """
        return min((one.p_value for one in self.sentence_kinds), default=math.nan)

    @property
    def unadjusted(self: _Answer) -> _Answer:
        """The answer as things stand, whatever lengths and strata explain.

        Worked out when it is asked for, from what was counted for this one.
        """
        found: _Answer = self.find_unadjusted()
        return found.at(q=self.q)

    def holding(self) -> Iterator[_Finding]:
        """All of these candidates, under the dictionary's own names."""
        return (one for one in self.candidates if one.q_value <= self.q and one.replicated)

    def __len__(self) -> int:
        return len(self.findings)

    def at(self: _Answer, *, q: float) -> _Answer:
        """The same answer with another bar for findings; nothing is computed again."""
        check_q(q)
        return replace(self, q=q, parameters={**self.parameters, "q": q})

    def less(self: _Answer, told: "FeatureAnswer[Any, Any]", *, n: int | None = None) -> _Answer:
        """The same answer without what another answer's findings tell; the first `n` findings."""
        known = {feature for one in told.holding() for feature in one.features}
        rest = [one for one in self.holding() if one.feature not in known]
        return replace(self, candidates=tuple(rest[:n]))

    @abstractmethod
    def evidence(self, i: int) -> list[Evidence]:
        """Documents that show finding `i`."""

    def findings_as_json(self) -> list[dict[str, Any]]:
        """Each finding with its evidence, as values that JSON knows; NaN becomes None."""
        return [
            plain(asdict(one)) | {"evidence": [as_json(shown) for shown in self.evidence(i)]}
            for i, one in enumerate(self.findings)
        ]


def members_of(
    source: NamedStore, columns: TestedFeatures, family: Family
) -> tuple[Member, tuple[Member, ...]]:
    """The leader of a family and the others, under the dictionary's own names."""
    leader, *members = (
        Member(
            columns.name(c), kind_of(source, columns, c), label_of(source, columns, c),
            label_source_of(source, columns, c),
        )
        for c in family.columns
    )  # fmt: skip
    return leader, tuple(members)


def named(findings: Sequence[_Finding], names: Names) -> tuple[_Finding, ...]:
    """The findings and their strongest members under the names they have here."""
    told = [one.features[: 1 + _NAMED_MEMBERS] for one in findings]
    known = names.of(f for features in told for f in features if isinstance(f, int))
    return tuple(_called(one, known) for one in findings)


def _called(one: _Finding, known: Mapping[int | str, Name]) -> _Finding:
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

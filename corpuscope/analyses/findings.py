"""What the findings of several questions share: a feature with its name and its family."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Protocol, TypeVar, runtime_checkable

from corpuscope.analyses.columns import Columns, Kind, kind_of, label_of
from corpuscope.analyses.families import Family
from corpuscope.analyses.names import Names
from corpuscope.analyses.source import Source

# The members of a finding that are named from the documents compared; few read on.
_NAMED_MEMBERS = 6


@dataclass(frozen=True)
class Member:
    """A feature that is told by the leader of its family."""

    feature: int | str
    kind: Kind
    label: str


@dataclass(frozen=True)
class FeatureFinding:
    """A feature that an answer tells of, with what is told by it.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: What it is a feature of.
        label: Its name for people: what it means in the documents compared.
        label_score: How often the label picks a document with the feature out of it and ten
            without, in [0, 1]; NaN for word features, which are what they are called.
        members: What else sits in the same documents, or at the same places in them, and is
            told by this finding; strongest first.
    """

    feature: int | str
    kind: Kind
    label: str
    label_score: float
    members: tuple[Member, ...]

    @property
    def features(self) -> tuple[int | str, ...]:
        """The feature and those told by it."""
        return (self.feature, *(member.feature for member in self.members))


@runtime_checkable
class Answer(Protocol):
    """What every answer carries of the question."""

    @property
    def store(self) -> str:
        """The folder that was read; several are joined by a plus."""

    @property
    def digest(self) -> str:
        """Names the content of the store."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What was asked, by name."""

    @property
    def n_documents(self) -> int:
        """Documents that took part."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was left out, and what to be careful about."""


_Finding = TypeVar("_Finding", bound=FeatureFinding)


def told_by(source: Source, columns: Columns, family: Family) -> dict[str, Any]:
    """The fields of a `FeatureFinding`, under the dictionary's own names."""
    leader, *members = (
        Member(columns.name(c), kind_of(source, columns, c), label_of(source, columns, c))
        for c in family.columns
    )
    return {
        "feature": leader.feature,
        "kind": leader.kind,
        "label": leader.label,
        "label_score": math.nan,
        "members": tuple(members),
    }


def named(findings: Sequence[_Finding], names: Names) -> tuple[_Finding, ...]:
    """The findings and their strongest members under the names they have here."""
    told = [one.features[: 1 + _NAMED_MEMBERS] for one in findings]
    known = names.of(f for features in told for f in features if isinstance(f, int))
    return tuple(
        replace(
            one,
            label=known[one.feature].label if one.feature in known else one.label,
            label_score=known[one.feature].score if one.feature in known else math.nan,
            members=tuple(
                replace(m, label=known[m.feature].label) if m.feature in known else m
                for m in one.members
            ),
        )
        for one in findings
    )


def untold(findings: Sequence[_Finding], told: Sequence[FeatureFinding]) -> list[_Finding]:
    """Those of `findings` whose feature is in no family of `told`."""
    known = {feature for one in told for feature in one.features}
    return [one for one in findings if one.feature not in known]


def heading(analysis: str, answer: Answer) -> dict[str, Any]:
    """The names with which the JSON of every answer begins."""
    return {
        "analysis": analysis,
        "version": version("corpuscope"),
        "store": {"path": answer.store, "digest": answer.digest},
        "parameters": dict(answer.parameters),
        "n_documents": answer.n_documents,
        "warnings": list(answer.warnings),
    }


def plain(value: Any) -> Any:
    """Tuples as lists, and None for what is not a number."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

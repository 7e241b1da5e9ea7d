"""What one of two documents has and the other has not, such as two answers to one question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from corpuscope.analyses.describe.describe_document import WINDOW
from corpuscope.analyses.describe.described_store import DescribedStore, described
from corpuscope.analyses.describe.documents.document_comparison import (
    ComparedFeature,
    DocumentComparison,
    Layer,
    Occurrence,
    Side,
)
from corpuscope.analyses.describe.documents.text_window import row_of, shown_text
from corpuscope.analyses.describe.features.feature_argument import feature_meant
from corpuscope.analyses.describe.features.names import named_features
from corpuscope.errors import InputError
from corpuscope.ranges import check_at_least
from corpuscope.store.joined import Stores
from corpuscope.store.lexical import spans
from corpuscope.store.lookup.document_features import document_features


def compare_documents(
    store: Stores,
    id: str,
    other: str,
    *,
    findings: Sequence[Sequence[int | str]] = (),
    finding: int = 0,
    window: int = WINDOW,
    rename: bool = True,
) -> DocumentComparison:
    """Two documents side by side, with every feature that just one of them has.

    Args:
        store: The store. Several stores of one dictionary are read as one.
        id: The first document.
        other: The second.
        findings: The features of each finding to tell apart from the rest, such as
            `[one.features for one in found.findings]` of a `diff`.
        finding: The position of the finding that is looked at.
        window: The most characters shown of each text. Features are those of the whole texts.
        rename: Whether to name the first thirty features from these documents, as questions do;
            others have the dictionary's names.

    Cost: some milliseconds, and with `rename` a second.

    Raises:
        InputError: There is no such document, feature or finding, or a number is out of range.
        FeatureMismatch: The stores were read with different dictionaries.

    Example:
        >>> found = compare_documents(store, "q012/v2", "q012/v1")  # doctest: +SKIP
        >>> [one.label for one in found.only("left")][:3]  # doctest: +SKIP
    """
    check_at_least(1, window=window)
    here = described(store)
    layers = _layers(here, findings, finding)
    rows, warnings = zip(*(row_of(here, one) for one in (id, other)), strict=True)
    left, right = (_Occurrences(here, row) for row in rows)
    chosen = _in_layers(layers, finding, left, right)
    names = named_features(here, [one.feature for one in chosen], rename=rename)
    return DocumentComparison(
        parameters={"id": id, "other": other, "findings": [list(one) for one in layers],
                    "finding": finding, "window": window, "rename": rename},
        store=str(here.store.path),
        digest=here.store.digest,
        n_documents=2,
        warnings=(*here.store.warnings, *warnings[0], *warnings[1]),
        left=shown_text(here, rows[0], at=0, window=window),
        right=shown_text(here, rows[1], at=0, window=window),
        features=tuple(
            ComparedFeature(
                **asdict(name), layer=one.layer, finding=one.finding,
                present_in=_side(left.has(one.feature), right.has(one.feature)),
                left=left.of(one.feature), right=right.of(one.feature),
            )
            for name, one in zip(names, chosen, strict=True)
        ),
    )  # fmt: skip


def _layers(
    here: DescribedStore, findings: Sequence[Sequence[int | str]], finding: int
) -> list[list[int | str]]:
    if findings and not 0 <= finding < len(findings):
        raise InputError(
            f"finding is {finding}",
            expected=f"a position from 0 to {len(findings) - 1}, of the findings given",
            next_step="leave it out for the first",
        )
    return [[feature_meant(here, feature) for feature in one] for one in findings]


@dataclass(frozen=True, eq=False)
class _Occurrences:
    """The features of one document."""

    here: DescribedStore
    row: int

    @cached_property
    def features(self) -> Mapping[int, Occurrence]:
        """What is kept of dictionary features, present or not."""
        found = document_features(self.here.store, self.row)
        over = np.where(np.isfinite(found.over_threshold), found.over_threshold, np.nan)
        columns = (found.features, found.is_present, found.strengths, over, found.spans)
        return {
            feature: Occurrence(is_present, strength, ratio, ((start, end),))
            for feature, is_present, strength, ratio, (start, end) in zip(
                *(column.tolist() for column in columns), strict=True
            )
        }

    @cached_property
    def text(self) -> str:
        """Its whole text, to find words in."""
        return self.here.store.texts([self.row])[0]

    def of(self, feature: int | str) -> Occurrence | None:
        """What a feature is in it."""
        if isinstance(feature, int):
            return self.features.get(feature)
        places = tuple((start, end) for start, end in spans(self.text, feature))
        return Occurrence(True, float(len(places)), np.nan, places) if places else None

    def has(self, feature: int | str) -> bool:
        """Whether a feature is present in it."""
        found = self.of(feature)
        return found is not None and found.is_present


@dataclass(frozen=True)
class _Chosen:
    """A feature to show, and why."""

    feature: int | str
    layer: Layer
    finding: int | None


def _in_layers(
    layers: Sequence[Sequence[int | str]], finding: int, left: _Occurrences, right: _Occurrences
) -> list[_Chosen]:
    """Features of findings that one of the documents has at all, then what only one has."""
    chosen: dict[int | str, _Chosen] = {}
    order = sorted(range(len(layers)), key=lambda at: (at != finding, at))
    for at in order:
        layer: Layer = "finding" if at == finding else "other finding"
        for feature in layers[at]:
            if left.of(feature) or right.of(feature):
                chosen.setdefault(feature, _Chosen(feature, layer, at))
    for feature in _only_one(left, right):
        chosen.setdefault(feature, _Chosen(feature, "only one", None))
    return list(chosen.values())


def _only_one(left: _Occurrences, right: _Occurrences) -> Iterator[int]:
    """The dictionary features that just one has, by strength over threshold."""
    own = {
        feature: found
        for one, other in ((left, right), (right, left))
        for feature, found in one.features.items()
        if found.is_present and not other.has(feature)
    }
    yield from sorted(own, key=lambda feature: _rank(own[feature], feature))


def _rank(found: Occurrence, feature: int) -> tuple[float, float, int]:
    # Of thresholds of 0 all are infinitely far above; then strengths decide.
    over = np.inf if np.isnan(found.over_threshold) else found.over_threshold
    return -over, -found.strength, feature


def _side(left: bool, right: bool) -> Side:
    if left and right:
        return "both"
    return "left" if left else "right" if right else "neither"

"""How a store was made, in the words of its provenance; and what its features are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.analyses.describe.histograms import Histogram, histogram
from corpuscope.labels.named_store import UNNAMED


@dataclass(frozen=True)
class Making:
    """How a store was made; None where its provenance does not say.

    Attributes:
        reader: The language model that read the texts.
        layers: For each unit that features are of, the layers they were read after.
        dictionary: The dictionary's digest.
        presence: When a feature counts as present.
        pooling: How the activations of a document became one strength.
        context: What was read at once.
        sources: The files of the corpus.
        languages: The share of documents in each language.
        corpuscope: The version that made it.
    """

    reader: str | None
    layers: Mapping[str, tuple[int, ...]]
    dictionary: str | None
    presence: str | None
    pooling: str | None
    context: str | None
    sources: tuple[str, ...]
    languages: Mapping[str, float]
    corpuscope: str | None


def making_of(provenance: Mapping[str, Any]) -> Making:
    """How a store with this provenance was made."""
    dictionary, corpus = _mapping(provenance, "dictionary"), _mapping(provenance, "corpus")
    parts = [one for one in dictionary.get("parts") or [] if isinstance(one, dict)]
    return Making(
        reader=_text(_mapping(provenance, "reader").get("name")),
        layers={str(one.get("unit")): tuple(one.get("layers") or ()) for one in parts},
        dictionary=_text(dictionary.get("digest") or dictionary.get("hash")),
        presence=_text(provenance.get("presence")),
        pooling=_text(provenance.get("pooling")),
        context=_text(provenance.get("context")),
        sources=tuple(map(str, corpus.get("sources") or ())),
        languages=dict(_mapping(corpus, "languages")),
        corpuscope=_text(provenance.get("corpuscope")),
    )


def _mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class FeaturesSummary:
    """What the dictionary's features are in a store.

    Attributes:
        by_kind: The number of token and of sentence features.
        by_source: The number of features by the source of their name, as findings tell it;
            `number` for those whose name does not apply to these texts, or that have none.
        n_present: The number of features that are present in any document.
        n_each: How many features are present in a document.
        rates: The shares of documents that the features present anywhere are in.
    """

    by_kind: Mapping[str, int]
    by_source: Mapping[str, int]
    n_present: int
    n_each: Histogram | None
    rates: Histogram | None


def features_summary(here: DescribedStore) -> FeaturesSummary:
    """The summary of a store's features."""
    present = here.n_present[here.n_present > 0]
    sources = [here.source.label_source(feature) for feature in range(here.store.n_features)]
    return FeaturesSummary(
        by_kind=_counted(here.source.kinds.tolist()),
        by_source=_counted(sorted(sources, key=lambda one: one == UNNAMED)),
        n_present=len(present),
        n_each=histogram(here.present.of_documents),
        rates=histogram(present / max(here.n_documents, 1)),
    )


def _counted(values: list[str]) -> dict[str, int]:
    found = dict.fromkeys(values, 0)
    for value in values:
        found[value] += 1
    return found

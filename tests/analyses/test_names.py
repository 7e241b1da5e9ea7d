"""Findings are called what they are in the documents compared."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses import diff
from corpuscope.analyses.names import Names
from corpuscope.analyses.source import Source
from corpuscope.store import Store
from tests.analyses.worlds import Made, noise, write

FEATURE = 7


def documents(word: str, n: int = 400) -> list[Made]:
    """The feature peaks on `word`, more often in new texts; the word alone tells nothing."""
    rng = np.random.default_rng(3)
    found = noise(rng, n, n_words=25, n_features=2)
    for number, document in enumerate(found):
        is_new = number % 2 == 1
        document.metadata = {"model": "new" if is_new else "old", "part": number % 4 // 2}
        document.words[int(rng.integers(0, 25))] = word if number % 5 else "other"
        document.features -= {FEATURE}
        if word in document.words and rng.random() < (0.8 if is_new else 0.2):
            document.features.add(FEATURE)
            document.peaks[FEATURE] = document.words.index(word)
    return found


def store_of(path: Path, word: str = "indeed", *, label_source: str | None = "words") -> Store:
    return write(path, documents(word), labels={FEATURE: "given"}, label_source=label_source)


def test_a_name_from_words_is_made_again(tmp_path: Path) -> None:
    found = diff(store_of(tmp_path / "a"), by="model", target="new", words=False)
    (finding,) = found.findings
    assert finding.label == '"indeed"'
    assert finding.label_score > 0.8
    assert found.to_frame()["label_score"][0] == finding.label_score


def test_the_dictionarys_own_name_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    (finding,) = diff(
        store_of(tmp_path / "a"), by="model", target="new", words=False, rename=False
    ).findings
    assert finding.label == "given"
    assert np.isnan(finding.label_score)


@pytest.mark.parametrize("label_source", ["llm", None])
def test_a_name_that_did_not_come_from_words_stays(
    tmp_path: Path, label_source: str | None
) -> None:
    store = store_of(tmp_path / "a", label_source=label_source)
    (finding,) = diff(store, by="model", target="new", words=False).findings
    assert finding.label == "given"


def test_only_the_documents_compared_count(tmp_path: Path) -> None:
    first, second = documents("indeed"), documents("truly")
    store = write(tmp_path / "a", [*first, *second], label_source="words")
    here = np.arange(store.n_documents) < len(first)
    for mask, word in ((here, "indeed"), (~here, "truly")):
        assert Names(Source(store), mask, here=True).of([FEATURE])[FEATURE].label == f'"{word}"'


def test_of_several_stores_the_one_that_has_it_most_names_it(tmp_path: Path) -> None:
    few = write(tmp_path / "few", documents("truly", 60), label_source="words")
    many = store_of(tmp_path / "many")
    source = Source([few, many])
    names = Names(source, np.ones(source.n_documents, dtype=bool), here=True)
    assert names.of([FEATURE])[FEATURE].label == '"indeed"'


def test_what_cannot_be_named_keeps_its_name(tmp_path: Path) -> None:
    store = store_of(tmp_path / "a")
    nowhere = np.zeros(store.n_documents, dtype=bool)
    assert Names(Source(store), nowhere, here=True).of([FEATURE])[FEATURE].label == "given"


def test_each_feature_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpuscope.analyses import names as module

    asked: list[list[int]] = []
    real = module.label_features

    def counted(store: Store, *, features: list[int], **rest: object) -> object:
        asked.append(list(features))
        return real(store, features=features, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "label_features", counted)
    store = store_of(tmp_path / "a")
    names = Names(Source(store), np.ones(store.n_documents, dtype=bool), here=True)
    names.of([FEATURE])
    names.of([FEATURE, 0])
    assert asked == [[FEATURE], [0]]

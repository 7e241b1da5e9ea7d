"""Findings are called what they are in the documents compared."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.diff.analysis import diff
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.from_words import Labeller
from corpuscope.labels.named_store import NamedStore
from corpuscope.labels.said import phrases_in, said_by
from corpuscope.store.store import Store
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
    found = diff(
        store_of(tmp_path / "a"), by="model", target="new", settings=ComparisonSettings(words=False)
    )
    (finding,) = found.findings
    assert finding.label == '"indeed"'
    assert finding.label_score > 0.8
    assert found.to_frame()["label_score"][0] == finding.label_score


def test_the_dictionarys_own_name_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    (finding,) = diff(
        store_of(tmp_path / "a"),
        by="model",
        target="new",
        settings=ComparisonSettings(words=False, rename=False),
    ).findings
    assert finding.label == "given"
    assert np.isnan(finding.label_score)


@pytest.mark.parametrize("label_source", ["llm", None])
def test_a_name_that_did_not_come_from_words_stays(
    tmp_path: Path, label_source: str | None
) -> None:
    store = store_of(tmp_path / "a", label_source=label_source)
    (finding,) = diff(
        store, by="model", target="new", settings=ComparisonSettings(words=False)
    ).findings
    assert finding.label == "given"


def test_only_the_documents_compared_count(tmp_path: Path) -> None:
    first, second = documents("indeed"), documents("truly")
    store = write(tmp_path / "a", [*first, *second], label_source="words")
    here = np.arange(store.n_documents) < len(first)
    for mask, word in ((here, "indeed"), (~here, "truly")):
        assert Names(NamedStore(store), mask, here=True).of([FEATURE])[FEATURE].label == f'"{word}"'


def test_of_several_stores_the_one_that_has_it_most_names_it(tmp_path: Path) -> None:
    few = write(tmp_path / "few", documents("truly", 60), label_source="words")
    many = store_of(tmp_path / "many")
    source = NamedStore([few, many])
    names = Names(source, np.ones(source.n_documents, dtype=bool), here=True)
    assert names.of([FEATURE])[FEATURE].label == '"indeed"'


def test_what_cannot_be_named_is_called_by_its_number(tmp_path: Path) -> None:
    store = store_of(tmp_path / "a")
    nowhere = np.zeros(store.n_documents, dtype=bool)
    name = Names(NamedStore(store), nowhere, here=True).of([FEATURE])[FEATURE]
    assert (name.label, name.source) == ("feature 7", "number")
    assert np.isnan(name.score)


def boilerplate(n: int = 80) -> list[Made]:
    """Texts of three sentences out of five; the feature is in those that end with the last."""
    rng = np.random.default_rng(5)
    parts = ["the goats climb roofs", "her violin lost strings", "winter fell early here",
             "chess needs quiet rooms", "ask qualified lawyers first"]  # fmt: skip
    found = []
    for number in range(n):
        chosen = [*rng.choice(4, 2, replace=False).tolist(), 4 if number % 2 else 3]
        words = " ".join(parts[part] for part in chosen).split()
        has = 4 in chosen
        peaks = {FEATURE: words.index("lawyers")} if has else {}
        found.append(Made(words, {FEATURE} if has else set(), peaks=peaks, n_sentences=3))
    return found


def test_a_feature_of_one_sentence_that_repeats_is_named_from_its_copies(tmp_path: Path) -> None:
    labels = {FEATURE: 'forms of "company", "business"'}
    store = write(tmp_path / "a", boilerplate(), labels=labels, label_source="words")
    every = np.ones(store.n_documents, dtype=bool)
    name = Names(NamedStore(store), every, here=True).of([FEATURE])[FEATURE]
    assert '"lawyers"' in name.label
    assert name.score > 0.9
    assert name.source == "here"


def test_a_feature_of_few_documents_is_called_by_its_strongest_word(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    found = noise(rng, 60, n_features=2)
    for document in found[:5]:
        document.words[3] = "indeed"
        document.features, document.peaks = {FEATURE}, {FEATURE: 3}
    store = write(tmp_path / "a", found, labels={FEATURE: '"given"'}, label_source="words")
    name = Names(NamedStore(store), np.ones(60, dtype=bool), here=True).of([FEATURE])[FEATURE]
    assert name.label == '"indeed"'
    assert name.score > 0.9


@pytest.mark.parametrize("rename", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_no_name_from_words_says_what_no_document_has(
    tmp_path: Path, seed: int, *, rename: bool
) -> None:
    """Of small corpora, some of few sentences, with a dictionary whose names are of others."""
    rng = np.random.default_rng(seed)
    made = random_corpus(rng)
    labels = {f: str(rng.choice(ELSEWHERE)) for f in range(30)}
    store = write(tmp_path / "a", made, labels=labels, label_source="words")
    source, every = NamedStore(store), np.ones(len(made), dtype=bool)
    names = Names(source, every, here=rename).of(range(30))
    said = {
        f: said_by(name.label, source.kind(int(f)))
        for f, name in names.items()
        if name.source != "number"
    }
    wanted = {phrase for phrases in said.values() for phrase in phrases}
    assert wanted == phrases_in([" ".join(one.words) for one in made], wanted)
    # Not because nothing is said.
    assert sum(map(bool, said.values())) >= (5 if rename else 1)
    for f, name in names.items():
        own = {"number": f"feature {f}", "dictionary": labels[int(f)]}
        assert name.label == own.get(name.source, name.label)


def test_names_that_people_gave_stay_with_their_source(tmp_path: Path) -> None:
    made = random_corpus(np.random.default_rng(0))
    store = write(tmp_path / "a", made, labels={FEATURE: '"company"'}, label_source="people")
    names = Names(NamedStore(store), np.ones(len(made), dtype=bool), here=True).of([FEATURE])
    assert (names[FEATURE].label, names[FEATURE].source) == ('"company"', "people")


ELSEWHERE = ['"company"', 'forms of "market", "trade"', '"waa"', 'after "waa"', "number",
             "company, market", "question: trade, in few words", "quotation, with he or him",
             ]  # fmt: skip


def random_corpus(rng: np.random.Generator) -> list[Made]:
    """Few or many documents, words or repeated sentences, features that peak anywhere."""
    n, n_words = int(rng.integers(12, 120)), int(rng.integers(4, 25))
    made = noise(rng, n, n_words=n_words)
    lines = [one.words for one in noise(rng, 4, n_words=n_words)]
    others = np.array(["his", "had", "i'm", "3,5", "7", ",", "(", "?", "Waa", "them", "don’t"])
    for document in made:
        if rng.random() < rng.random():
            document.words = list(lines[int(rng.integers(0, 4))])
        at = rng.integers(0, n_words, 2)
        for place in at.tolist():
            document.words[place] = str(rng.choice(others))
        document.peaks = {
            f: int(rng.integers(0, n_words if f < 15 else 1)) for f in document.features
        }
    return made


def test_each_feature_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpuscope.analyses.results import naming as module

    asked: list[list[int]] = []
    real = module.Labeller.labels

    def counted(labeller: Labeller, features: list[int], **rest: object) -> object:
        asked.append(list(features))
        return real(labeller, features, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module.Labeller, "labels", counted)
    store = store_of(tmp_path / "a")
    names = Names(NamedStore(store), np.ones(store.n_documents, dtype=bool), here=True)
    names.of([FEATURE])
    names.of([FEATURE, 0])
    assert asked == [[FEATURE], [0]]

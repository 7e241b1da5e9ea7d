"""What many features make up together is told by its sentences, and nothing where nothing is."""

import json
from pathlib import Path

import numpy as np

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.diff.analysis import diff
from corpuscope.analyses.diff.result import DiffResult
from corpuscope.analyses.sentences.features import sentences_of
from corpuscope.analyses.trend.analysis import trend
from corpuscope.analyses.trend.settings import TrendSettings
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, vocabulary, write
from tests.asking import ask

N_FEATURES = 300
WORDS = 24


def texts(seed: int, *, planted: float, n: int = 300, authors: int = 0) -> list[Made]:
    """Documents of four sentences; in a share of the new ones the third is of a kind.

    The kind has ten features, each in half of its sentences. Features below the middle are of
    tokens, the others of sentences. With authors, each has features of its own.
    """
    rng = np.random.default_rng(seed)
    made = []
    of_author = rng.random((max(authors, 1), N_FEATURES)) < 0.1
    for i in range(n):
        is_new = i % 2 == 0
        features = set(np.flatnonzero(rng.random(N_FEATURES) < 0.05).tolist())
        author = 2 * int(rng.integers(authors // 2)) + is_new if authors else 0
        if authors:
            features |= set(np.flatnonzero(of_author[author]).tolist())
        kind = set()
        if is_new and rng.random() < planted:
            kind = {f for f in (*range(5), *range(200, 205)) if rng.random() < 0.5}
        sentence = {f: 2 if f in kind else int(rng.integers(4)) for f in features | kind}
        peaks = {f: s * WORDS // 4 if f < N_FEATURES // 2 else s for f, s in sentence.items()}
        metadata = {"model": "new" if is_new else "old", "author": f"a{author}"}
        made.append(Made(vocabulary(rng, WORDS), features | kind, metadata, peaks, 4))
    return made


def asked(folder: Path, made: list[Made], **options: str) -> DiffResult:
    store = write(folder / "a.scope", made, n_features=N_FEATURES)
    return ask(diff, store, by="model", target="new", words=False, rename=False, **options)  # type: ignore[arg-type]


def test_features_stand_at_the_sentences_in_which_they_peak(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one = Made(vocabulary(rng, 8), {0, 1, 20}, {}, {0: 0, 1: 7, 20: 1}, 2)
    other = Made(vocabulary(rng, 4), {1, 21}, {}, {1: 3, 21: 0}, 1)
    first = write(tmp_path / "a.scope", [other, one])
    second = write(tmp_path / "b.scope", [one])
    found = sentences_of(
        NamedStore([first, second]), np.array([1, 2]), np.array([1, 0, 20]), level=None
    )
    assert found.starts.tolist() == [0, 2, 4]
    assert found.presence.toarray().astype(int).tolist() == [[0, 1, 0], [1, 0, 1]] * 2


def test_a_kind_that_no_feature_tells_is_found_and_shown(tmp_path: Path) -> None:
    found = asked(tmp_path, texts(0, planted=0.25))
    own, others = found.sentence_kinds
    assert (own.side, others.side) == ("target", "reference")
    assert own.p_value < 0.001
    assert found.p_anything == own.p_value
    assert others.p_value > 0.01
    assert own.interval[0] < own.difference < own.interval[1]
    assert own.difference == own.rate_target - own.rate_reference
    assert set(list(own.features)[:3]) <= {*range(5), *range(200, 205)}
    assert len(own.evidence) == 5
    quarter = [shown.spans[0][0] / len(shown.text) for shown in own.evidence]
    assert all(0.4 < place < 0.65 for place in quarter)
    told = json.loads(json.dumps(found.to_json()))
    assert told["sentence_kinds"][0]["p_value"] == own.p_value
    assert told["sentence_kinds"][0]["evidence"][0]["spans"] == [list(own.evidence[0].spans[0])]


def test_where_nothing_differs_that_is_told_with_an_interval(tmp_path: Path) -> None:
    found = asked(tmp_path, texts(1, planted=0.0))
    assert found.p_anything > 0.01
    assert all(one.interval[0] <= 0 <= one.interval[1] for one in found.sentence_kinds)


def test_authors_are_no_kind_of_sentence(tmp_path: Path) -> None:
    made = texts(2, planted=0.0, authors=20)
    found = asked(tmp_path, made, group="author")
    assert found.p_anything > 0.01


def test_nothing_is_asked_of_few_documents_or_of_words_alone(tmp_path: Path) -> None:
    few = asked(tmp_path, texts(3, planted=0.0, n=60))
    assert few.sentence_kinds == ()
    assert np.isnan(few.p_anything)
    assert few.to_json()["p_anything"] is None


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    made = texts(4, planted=0.2)
    store = write(tmp_path / "a.scope", made, n_features=N_FEATURES)
    answers = [
        diff(
            store, by="model", target="new", settings=ComparisonSettings(words=False, rename=False)
        )
        for _ in "ab"
    ]
    assert answers[0].sentence_kinds == answers[1].sentence_kinds


def test_a_kind_that_rises_from_group_to_group_is_found_and_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    with_kind, without = texts(5, planted=1.0, n=800), texts(6, planted=0.0, n=800)
    made = []
    for i in range(400):
        year = i % 4
        one = (with_kind if rng.random() < 0.1 * year else without)[2 * i]
        one.metadata = {"year": 2020 + year}
        made.append(one)
    store = write(tmp_path / "a.scope", made, n_features=N_FEATURES)
    found = trend(store, by="year", settings=TrendSettings(words=False, rename=False))
    later, earlier = found.sentence_kinds
    assert (later.side, earlier.side) == ("later", "earlier")
    assert later.p_value < 0.001 < earlier.p_value
    assert later.interval[0] < later.slope < later.interval[1]
    assert list(later.rates) == ["2020", "2021", "2022", "2023"]
    assert later.rates["2023"] > later.rates["2020"] + 0.1
    assert all(0.4 < one.spans[0][0] / len(one.text) < 0.65 for one in later.evidence)
    told = json.loads(json.dumps(found.to_json()))
    assert told["sentence_kinds"][0]["slope"] == later.slope
    assert told["p_anything"] == found.p_anything

"""A feature is in the sentence that has its peak, with its strength there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.sentences import features
from corpuscope.analyses.sentences.features import Sentences, sentences_of
from corpuscope.labels.named_store import NamedStore
from tests.analyses import worlds
from tests.analyses.worlds import Made, record, write

TOKENS, SENTENCES = (0, 1, 2), (20, 21)


def random_made(n: int, seed: int) -> list[Made]:
    """Texts of six to eight words in one to three sentences, with peaks anywhere."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        n_words, n_sentences = int(rng.integers(6, 9)), int(rng.integers(1, 4))
        has = {int(f) for f in (*TOKENS, *SENTENCES) if rng.random() < 0.6}
        peaks = {f: int(rng.integers(n_words if f < 15 else n_sentences)) for f in has}
        words = [f"w{chr(97 + i)}" for i in range(n_words)]
        made.append(Made(words, has, {}, peaks, n_sentences))
    return made


def sentence_of(made: Made, feature: int) -> int:
    """By going through the sentences as `worlds.record` divides them."""
    if feature >= 15:
        return made.peaks[feature]
    parts = np.array_split(np.arange(len(made.words)), made.n_sentences)
    return next(number for number, part in enumerate(parts) if made.peaks[feature] in part)


MADE = random_made(9, seed=0)
ASKED = np.array([21, 1, 0])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    folder = tmp_path_factory.mktemp("features")
    return NamedStore([write(folder / "a", MADE[:5]), write(folder / "b", MADE[5:])])


def expected(rows: list[int], least: float = 0.5) -> list[list[float]]:
    """Strengths by sentence and feature, worked out document by document."""
    found = []
    for row in rows:
        made = MADE[row]
        own = record(f"d{row if row < 5 else row - 5}", made)
        strength = dict(zip(own.features.tolist(), own.strengths.tolist(), strict=True))
        for number in range(made.n_sentences):
            found.append([
                strength[f] if f in made.features and sentence_of(made, f) == number
                and strength[f] > least else 0.0
                for f in ASKED.tolist()
            ])  # fmt: skip
    return found


@pytest.mark.parametrize("rows", [list(range(9)), [0, 4, 5, 8], [2], [7, 8]])
def test_each_sentence_has_the_features_that_peak_in_it(
    source: NamedStore, rows: list[int]
) -> None:
    found = sentences_of(source, np.array(rows), ASKED, level=None)
    assert found.rows.tolist() == rows
    assert np.diff(found.starts).tolist() == [MADE[row].n_sentences for row in rows]
    assert found.starts[0] == 0
    assert found.strengths.toarray().tolist() == expected(rows)
    assert (found.presence.toarray() == (found.strengths.toarray() > 0)).all()
    assert found.presence.dtype == np.bool_


def test_a_level_raises_the_thresholds(source: NamedStore) -> None:
    """Strengths are from 1 to 1.875, thresholds a half."""
    rows = list(range(9))
    found = sentences_of(source, np.array(rows), ASKED, level=2.6)
    assert found.strengths.toarray().tolist() == expected(rows, least=1.3)
    assert 0 < found.strengths.nnz < np.count_nonzero(expected(rows))
    assert sentences_of(source, np.array(rows), ASKED, level=9.0).strengths.nnz == 0


def test_the_answer_does_not_depend_on_how_much_is_read_at_once(
    source: NamedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.arange(9)
    whole = sentences_of(source, rows, ASKED, level=None)
    for size in (1, 4, 7):
        monkeypatch.setattr(features, "_ENTRIES_AT_ONCE", size)
        found = sentences_of(source, rows, ASKED, level=None)
        assert found.strengths.toarray().tolist() == whole.strengths.toarray().tolist()


def test_without_features_there_are_sentences_all_the_same(source: NamedStore) -> None:
    found = sentences_of(source, np.arange(9), np.array([], dtype=np.int64), level=None)
    assert found.strengths.shape == (sum(made.n_sentences for made in MADE), 0)
    nobody = sentences_of(source, np.arange(9), np.array([29]), level=None)
    assert nobody.strengths.nnz == 0


def test_what_stands_before_the_first_sentence_is_of_it_and_a_text_without_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Made(["a", "b", "c", "d"], {0, 1}, {}, {0: 0, 1: 3}, 1)
    bare = Made(["a", "b"], {0}, {}, {0: 1}, 1)
    spans = {"d0": np.array([[2, 3], [4, 7]]), "d1": np.empty((0, 2)), "d2": np.array([[0, 7]])}
    monkeypatch.setattr(
        worlds, "record",
        lambda id, made: replace(record(id, made), sentence_spans=spans[id].astype(np.uint32)),
    )  # fmt: skip
    source = NamedStore(write(tmp_path / "a", [late, bare, late]))
    found = sentences_of(source, np.arange(3), np.array([0, 1]), level=None)
    assert found.starts.tolist() == [0, 2, 3, 4]
    assert found.presence.toarray().astype(int).tolist() == [[1, 0], [0, 1], [1, 0], [1, 1]]


def test_presence_keeps_the_places_of_strengths() -> None:
    strengths = sp.csr_array(np.array([[0.0, 2.0], [0.5, 0.0]]))
    found = Sentences(np.array([3]), strengths, np.array([0, 2]))
    assert found.presence.toarray().tolist() == [[False, True], [True, False]]
    assert found.presence is found.presence

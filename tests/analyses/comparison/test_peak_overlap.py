"""What peaks at the same places is told as one."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.comparison.peak_overlap import with_overlapping_peaks
from corpuscope.analyses.diff.analysis import diff
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, noise, write

SIGN, PART, ELSEWHERE, SENTENCE, EVERYWHERE = 3, 4, 5, 20, 6


def made(n: int = 400) -> list[Made]:
    """Half of the documents have the word `sign`, at a random place.

    SIGN peaks on it, PART does in a third of them, ELSEWHERE has the documents of PART but
    peaks at another token, EVERYWHERE peaks at the first word, which is `the` in all.
    """
    rng = np.random.default_rng(0)
    documents = noise(rng, n, n_words=30, n_features=1)
    for number, document in enumerate(documents):
        document.words[0] = "the"
        document.features = {EVERYWHERE}
        is_new = number % 2 == 1
        document.metadata = {"model": "new" if is_new else "old"}
        if rng.random() < (0.8 if is_new else 0.2):
            at = int(rng.integers(2, 30))
            document.words[at] = "sign"
            document.features |= {SIGN, SENTENCE}
            document.peaks = {SIGN: at, PART: at, ELSEWHERE: 31 - at if at != 15 else 20}
            if number % 3 == 0:
                document.features |= {PART, ELSEWHERE}
    return documents


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(write(tmp_path_factory.mktemp("places") / "a.scope", made()))


NAMES = [SIGN, PART, ELSEWHERE, EVERYWHERE, SENTENCE, "sign", "the"]


def same(source: NamedStore) -> set[tuple[int | str, int | str]]:
    found = with_overlapping_peaks(source, NAMES, np.arange(source.n_documents)).toarray()
    return {
        (NAMES[a], NAMES[b])
        for a, b in zip(*np.nonzero(found), strict=True)
        if NAMES[a] != NAMES[b]
    }


def test_a_part_of_a_feature_or_word_is_found_at_its_places(source: NamedStore) -> None:
    assert {(SIGN, PART), ("sign", PART), ("sign", SIGN), (SIGN, "sign")} <= same(source)


def test_a_broad_feature_is_no_part_of_a_narrow_one(source: NamedStore) -> None:
    assert (PART, SIGN) not in same(source)
    assert (PART, "sign") not in same(source)


def test_the_same_documents_are_not_the_same_places(source: NamedStore) -> None:
    assert not any(ELSEWHERE in pair for pair in same(source))


def test_what_would_meet_by_chance_does_not_count(source: NamedStore) -> None:
    """Every document is one sentence here, so each token lies in any sentence's place."""
    assert not any(SENTENCE in pair for pair in same(source))
    assert ("the", EVERYWHERE) in same(source)


def test_words_are_not_held_against_words(source: NamedStore) -> None:
    found = with_overlapping_peaks(source, ["sign", "the"], np.arange(source.n_documents))
    assert not found.toarray().any()


def test_no_documents_and_few_documents_tell_nothing(source: NamedStore) -> None:
    for rows in (np.arange(0), np.arange(4)):
        assert not with_overlapping_peaks(source, NAMES, rows).toarray().any()


def test_several_stores_are_one_text(tmp_path: Path, source: NamedStore) -> None:
    documents = made()
    stores = [
        write(tmp_path / f"{n}.scope", documents[a:b])
        for n, (a, b) in enumerate([(0, 150), (150, 400)])
    ]
    assert same(NamedStore(stores)) == same(source)


def test_a_finding_tells_its_parts(source: NamedStore) -> None:
    found = diff(source.stores[0], by="model", target="new")
    at = {finding.feature: finding for finding in found.findings}
    assert PART in {member.feature for member in at["sign"].members}
    assert PART not in at

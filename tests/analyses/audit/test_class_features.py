"""Rates of a feature in a class and in the rest are counted, tested, and looked up by name."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import fisher_exact, norm

from corpuscope.analyses.audit import class_features
from corpuscope.analyses.audit.class_features import ClassFeatures
from corpuscope.analyses.audit.context_predictability import surroundings
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PresenceMatrix
from corpuscope.store.lexical import LexicalMatrix
from tests.analyses.worlds import Made, vocabulary, write

N, N_OWN = 40, 20
COMPANY = ["ally", "friend", "comrade", "partner"] * 4


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Of 20 own texts 9 have feature 1, and 3 feature 2; of 15 others 2, and 8; 5 are of no class.

    The word "quorvex" goes with feature 1, and its company follows a dozen words later.
    """
    rng = np.random.default_rng(0)
    made = [Made(vocabulary(rng, 30), {5}) for _ in range(N)]
    for feature, own, other in ((1, 9, 2), (20, 9, 2), (2, 3, 8)):
        for one in (*made[:own], *made[N_OWN : N_OWN + other]):
            one.features.add(feature)
            one.peaks[1] = 2
    for one in made:
        if 1 in one.features:
            one.words[2] = "quorvex"
            one.words[14:30] = COMPANY
    return NamedStore(write(tmp_path_factory.mktemp("classes") / "s", made))


@pytest.fixture(scope="module")
def found(source: NamedStore) -> ClassFeatures:
    rows = np.arange(N)
    return ClassFeatures(source, rows < N_OWN, (rows >= N_OWN) & (rows < 35), 3)


@pytest.mark.parametrize(
    ("feature", "own", "other"), [(1, 9, 2), (2, 3, 8), ("quorvex", 9, 2), (5, 20, 15)]
)
def test_rates_are_shares_of_the_class_and_of_the_rest(
    found: ClassFeatures, feature: int | str, own: int, other: int
) -> None:
    counted = found.counted(feature)
    assert counted.rate == pytest.approx(own / 20)
    assert counted.elsewhere == pytest.approx(other / 15)


def test_the_z_score_is_that_of_fishers_test_without_its_sign(found: ClassFeatures) -> None:
    more, less = fisher_exact([[9, 11], [2, 13]])[1], fisher_exact([[3, 17], [8, 7]])[1]
    assert found.counted(1).z == pytest.approx(norm.isf(more / 2))
    assert found.counted(2).z == pytest.approx(norm.isf(less / 2))
    assert found.counted(5).z == pytest.approx(0, abs=1e-9)


def test_what_is_beyond_doubt_is_still_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    class Many(NamedStore):
        def __init__(self) -> None:
            pass

        def presence(self, level: float | None) -> PresenceMatrix:
            return sp.csr_array(np.repeat([[1], [0]], 1500, axis=0))

        def words(self, min_documents: int) -> LexicalMatrix:
            return LexicalMatrix(self.presence(None), ["sure"])

    monkeypatch.setattr(class_features, "surroundings", lambda source, rows: None)
    is_own = np.arange(3000) < 1500
    found = ClassFeatures(Many(), is_own, ~is_own, 1)
    for feature in (0, "sure"):
        assert found.counted(feature).z == pytest.approx(norm.isf(1e-300))


def test_company_further_on_tells_a_token_but_is_part_of_a_sentence(
    source: NamedStore, found: ClassFeatures
) -> None:
    assert found.predictability(1).auroc == pytest.approx(1)
    assert found.predictability("quorvex").auroc == pytest.approx(1)
    assert found.predictability(1).error == pytest.approx(np.sqrt((1 / 9 + 1 / 11) / 12))
    # Both have the same documents, but 20 is a feature of the sentence that their company is in.
    of_class = surroundings(source, np.arange(N_OWN))
    place = of_class.place(source, 20)
    as_token, as_sentence = (
        of_class.context_predictability(place, is_sentence=one).auroc for one in (False, True)
    )
    assert found.predictability(20).auroc == as_sentence < as_token


def test_what_too_few_of_the_class_have_cannot_be_told(found: ClassFeatures) -> None:
    assert np.isnan(found.predictability(2).auroc)
    assert np.isnan(found.predictability(5).auroc)


def test_a_word_that_is_not_counted_is_not_known(found: ClassFeatures) -> None:
    with pytest.raises(KeyError):
        found.counted("zzzz")

import json
from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.describe.describe_feature import describe_feature
from corpuscope.errors import ColumnNotFound, InputError
from corpuscope.store.joined import JoinedStore
from corpuscope.store.names import GivenName, save_names
from corpuscope.store.store import Store, open_store
from tests.analyses.describe.worlds import (
    BESIDE,
    EVERYWHERE,
    NEW,
    NOWHERE,
    N,
    id_of,
    pairs_store,
    text_of,
)
from tests.store.worlds import record, write


def test_a_feature_is_counted_by_hand(pairs: Store) -> None:
    found = describe_feature(pairs, NEW, by="version", rename=False)
    assert (found.n_present, found.rate, found.n_near) == (20, 0.5, 5)
    assert found.rate_interval == pytest.approx((0.3520, 0.6480), abs=1e-3)
    assert [(one.group, one.n_present, one.n_documents) for one in found.groups] == [
        ("v1", 0, 20),
        ("v2", 20, 20),
    ]
    assert (found.kind, found.threshold, found.name.label) == ("token", 0.5, f"feature {NEW}")
    assert found.strengths is not None
    assert sum(found.strengths.counts) == 25
    # Three features are present anywhere, one of them in fewer documents.
    assert found.rate_among is not None
    assert found.rate_among.rank == pytest.approx(1 / 3)


def test_bands_divide_the_documents_and_near_misses_are_apart(pairs: Store) -> None:
    found = describe_feature(pairs, NEW, n=3, rename=False)
    assert [(one.name, one.n_documents, one.n_texts) for one in found.bands] == [
        ("strongest tenth", 2, 1),
        ("upper", 8, 8),
        ("middle", 8, 8),
        ("just above", 2, 2),
        ("just below", 5, 5),
    ]
    top, *_, below = found.bands
    assert [(one.id, one.n_copies) for one in top.contexts] == [(id_of(39), 2)]
    assert below.most < found.threshold < found.bands[3].least
    assert [one.id for one in below.contexts] == [id_of(8), id_of(6), id_of(4)]
    assert below.contexts[0].over_threshold < 1 < found.bands[3].contexts[0].over_threshold


@pytest.mark.parametrize("around", [0, 4, 1000])
def test_excerpts_show_the_peak_in_its_place(pairs: Store, around: int) -> None:
    found = describe_feature(pairs, NEW, n=9, around=around, rename=False)
    texts = {id_of(row): text_of(row) for row in range(N)}
    contexts = [one for band in found.bands for one in band.contexts]
    assert len(contexts) == 24
    for one in contexts:
        text = texts[one.id]
        assert text[one.offset :].startswith(one.excerpt)
        unit = 2 if one.id.endswith("v2") else 1
        assert one.excerpt[one.start : one.end] == text.split(" ")[unit]
        assert len(one.excerpt) <= one.end - one.start + 2 * around


def test_bands_are_spread_evenly_and_nothing_is_drawn_at_random(pairs: Store) -> None:
    found = describe_feature(pairs, EVERYWHERE, n=5, rename=False)
    again = describe_feature(open_store(pairs.path), EVERYWHERE, n=5, rename=False)
    assert json.dumps(found.to_json()) == json.dumps(again.to_json())
    # All are equally strong, so they are in the order of the store.
    ids = [one.id for one in found.bands[1].contexts]
    assert ids == sorted(ids)
    assert (ids[0], ids[-1]) == (id_of(4), id_of(19))


def test_what_comes_with_it_is_counted_in_all_documents(pairs: Store) -> None:
    (one,) = describe_feature(pairs, BESIDE, rename=False).companions
    assert (one.feature, one.n_both, one.n_present) == (NEW, 10, 20)
    assert one.npmi == pytest.approx(0.5)
    assert one.low < one.npmi < one.high
    # What is everywhere comes with nothing more than by chance.
    assert describe_feature(pairs, EVERYWHERE, rename=False).companions == ()


def test_a_feature_that_is_nowhere_has_nothing_to_show(pairs: Store) -> None:
    found = describe_feature(pairs, NOWHERE, by="version")
    assert (found.n_present, found.strengths, found.companions) == (0, None, ())
    assert {one.n_documents for one in found.bands} == {0}
    assert np.isnan(found.bands[0].most)
    json.dumps(found.to_json(), allow_nan=False)
    assert found.to_frame().empty


def test_a_word_has_occurrences_in_the_place_of_strengths(pairs: Store) -> None:
    found = describe_feature(pairs, "of course", by="version")
    assert (found.kind, found.feature, found.name.label) == ("word", "of course", '"of course"')
    assert (found.n_present, found.n_near) == (20, 0)
    (band,) = found.bands
    assert (band.name, band.n_documents, band.n_texts) == ("with the word", 20, 19)
    assert {one.excerpt[one.start : one.end] for one in band.contexts} == {"of course"}
    assert [one.n_copies for one in band.contexts if one.id == id_of(37)] == [2]
    assert found.companions[0].feature == NEW
    assert describe_feature(pairs, " Of Course ").feature == "of course"


def test_digits_are_the_number_of_a_feature(pairs: Store) -> None:
    assert describe_feature(pairs, str(NEW), rename=False).feature == NEW


@pytest.mark.parametrize(
    ("given", "told"),
    [(12, "12"), (-1, "-1"), ("99", "99"), (True, "True"), (2.5, "2.5"), (None, "None")],
)
def test_features_that_do_not_exist_are_refused(pairs: Store, given: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        describe_feature(pairs, given)  # type: ignore[arg-type]


def test_words_that_do_not_occur_are_refused_with_similar_ones(pairs: Store) -> None:
    with pytest.raises(InputError) as caught:
        describe_feature(pairs, "of coarse")
    assert "'of course'" in caught.value.expected
    with pytest.raises(InputError) as caught:
        describe_feature(pairs, "feature 7")
    assert f"7 (feature {7})" in caught.value.next_step
    with pytest.raises(InputError):
        describe_feature(pairs, "")


def test_columns_and_numbers_are_checked(pairs: Store) -> None:
    with pytest.raises(ColumnNotFound, match="versoin"):
        describe_feature(pairs, NEW, by="versoin")
    for wrong in ({"n": -1}, {"around": -5}):
        with pytest.raises(InputError):
            describe_feature(pairs, NEW, **wrong)


def test_other_names_are_told_beside_the_one_shown(tmp_path: Path) -> None:
    store = pairs_store(tmp_path / "s")
    save_names(store.path, [GivenName(NEW, "the second", "people", 0.75)])
    found = describe_feature(open_store(store.path), NEW)
    assert (found.name.label, found.name.source, found.name.score) == ("the second", "people", 0.75)
    assert [(one.label, one.source) for one in found.other_names] == [(f"feature {NEW}", "unknown")]


def test_names_do_not_depend_on_what_was_looked_at_before(pairs: Store) -> None:
    alone = describe_feature(open_store(pairs.path), NEW).to_json()
    for feature in (BESIDE, EVERYWHERE, NEW):
        describe_feature(pairs, feature)
    assert describe_feature(pairs, NEW).to_json() == alone


def test_several_stores_are_read_as_one(pairs: Store) -> None:
    twice = describe_feature([pairs, pairs], NEW, by="version", rename=False)
    assert (twice.n_present, twice.n_near, twice.n_documents) == (40, 10, 80)
    assert (twice.bands[0].n_documents, twice.bands[0].n_texts) == (4, 1)
    assert twice.store == str(JoinedStore([pairs, pairs]).as_one.path)


def test_hostile_texts_ids_and_values_are_data(tmp_path: Path) -> None:
    texts = ["<script>alert(1)</script> x", "\u202eabc \x00 x", "👩‍👩‍👧 e\u0301 x", "=cmd|' /C' x"]
    records = [
        record(f"../{text}", text, strengths={1: (1.0, 0)}, metadata={"<b>": text})
        for text in texts
    ]
    store = write(tmp_path / "s", records)
    found = describe_feature(store, 1, by="<b>", n=4, rename=False)
    assert {one.group for one in found.groups} == set(texts)
    for band in found.bands:
        for one in band.contexts:
            assert one.excerpt in texts
            assert one.excerpt[one.start : one.end] == one.excerpt.split(" ")[0]
    json.dumps(found.to_json(), allow_nan=False)


def test_an_empty_store_can_be_described(tmp_path: Path) -> None:
    found = describe_feature(write(tmp_path / "s", []), 1)
    assert (found.n_present, found.rate, found.rate_interval) == (0, 0.0, (0.0, 1.0))
    json.dumps(found.to_json(), allow_nan=False)

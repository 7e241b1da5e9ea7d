"""Documents are set aside before anything is looked at, without dividing what belongs together."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.setup import counting
from corpuscope.analyses.comparison.two_groups import groups_of
from corpuscope.claiming.set_aside import set_aside, units_of
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import write
from tests.claiming.worlds import pairs, store


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(store(tmp_path_factory.mktemp("aside") / "planted.scope"))


def groups(source: NamedStore, **asked: str | None) -> Groups:
    given = {"by": "model", "target": "new", "reference": None, "pair": None, "group": None} | asked
    found = groups_of(source, **given, strata=[])  # type: ignore[arg-type]
    return counting(
        source, found, by="model", pair=given["pair"], group=given["group"], count_copies=False
    )[0]  # fmt: skip


def test_at_most_a_third_of_the_pairs_is_set_aside_whole(source: NamedStore) -> None:
    found = set_aside(source, groups(source, pair="prompt"), n=200, seed=0)
    assert found is not None
    (contrast,) = found.groups.contrasts
    assert len(contrast.target_rows) == len(contrast.reference_rows) == 133
    assert not found.discovery[contrast.rows].any()
    assert found.discovery.sum() == 2 * (400 - 133)
    assert (contrast.target_rows // 2 == contrast.reference_rows // 2).all()


def test_no_more_is_set_aside_than_is_needed(source: NamedStore) -> None:
    found = set_aside(source, groups(source), n=110, seed=0)
    assert found is not None
    (contrast,) = found.groups.contrasts
    assert len(contrast.target_rows) == pytest.approx(110, abs=2)


def test_authors_are_not_divided(source: NamedStore) -> None:
    found = set_aside(source, groups(source, group="author"), n=200, seed=0)
    assert found is not None
    authors = source.column("author")
    aside = set(authors[found.groups.rows].tolist())
    assert not aside & set(authors[found.discovery].tolist())


def test_copies_of_a_text_stay_on_one_side(tmp_path: Path) -> None:
    made = pairs(400)
    for one, other in zip(made[::4], made[1::4], strict=True):
        other.words = list(one.words)
    source = NamedStore(write(tmp_path / "copies.scope", made))
    found = set_aside(source, groups(source), n=200, seed=0)
    assert found is not None
    texts = np.array(source.texts(list(range(800))))
    assert not set(texts[found.groups.rows]) & set(texts[found.discovery])


def test_too_few_documents_are_not_divided(tmp_path: Path) -> None:
    source = NamedStore(store(tmp_path / "few.scope", pairs(290)))
    assert set_aside(source, groups(source, pair="prompt"), n=200, seed=0) is None


def test_another_seed_sets_others_aside(source: NamedStore) -> None:
    one, again, other = (set_aside(source, groups(source), n=200, seed=seed) for seed in (0, 0, 1))
    assert one is not None
    assert again is not None
    assert other is not None
    assert (one.discovery == again.discovery).all()
    assert (one.discovery != other.discovery).any()


def test_units_are_pairs_of_one_key(source: NamedStore) -> None:
    contrast = units_of(groups(source, pair="prompt"), n=50, seed=0)
    assert contrast.is_paired
    assert len(contrast.target_rows) == 50
    assert (contrast.target_rows // 2 == contrast.reference_rows // 2).all()


def test_a_key_with_several_documents_gives_one_pair(tmp_path: Path) -> None:
    made = pairs(400)
    for number, one in enumerate(made):
        one.metadata["prompt"] = number // 4
    source = NamedStore(store(tmp_path / "several.scope", made))
    contrast = units_of(groups(source, pair="prompt"), n=1_000, seed=0)
    assert len(contrast.target_rows) == 200
    assert (contrast.target_rows // 4 == contrast.reference_rows // 4).all()


def test_several_references_are_read_together(tmp_path: Path) -> None:
    made = pairs(400)
    for number, one in enumerate(made):
        if number % 4 == 0:
            one.metadata["model"] = "older"
    source = NamedStore(store(tmp_path / "three.scope", made))
    found = groups_of(
        source, by="model", target="new", reference=None, pair=None, group=None, strata=[]
    )
    contrast = units_of(found, n=100, seed=0)
    models = source.column("model")
    assert contrast.reference == "the others"
    assert set(models[contrast.reference_rows]) == {"old", "older"}

"""What whoever states claims is shown: passages of the right side, and one without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.analyses.diff.analysis import diff
from corpuscope.claiming.material import Shown, material_of, words_around
from corpuscope.claiming.set_aside import units_of
from corpuscope.labels.named_store import NamedStore
from tests.claiming.test_set_aside import groups
from tests.claiming.worlds import store


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> tuple[NamedStore, list[Shown]]:
    source = NamedStore(store(tmp_path_factory.mktemp("material") / "planted.scope"))
    found = diff(source.stores[0], by="model", target="new", pair="prompt")
    contrast = units_of(groups(source, pair="prompt"), n=1_000, seed=0)
    return source, material_of(source, found, contrast, n=60, seed=0)


def test_passages_are_of_the_side_and_the_other_has_none(
    material: tuple[NamedStore, list[Shown]],
) -> None:
    source, shown = material
    models = source.column("model")
    names = {"target": "new", "reference": "old"}
    assert {one.side for one in shown} == {"target", "reference"}
    for one in shown:
        assert one.passages
        for passage in one.passages:
            assert models[passage.row] == names[one.side]
            assert source.ids[passage.row] == passage.id
            assert passage.start <= passage.peak[0] <= passage.peak[1] <= passage.end
        assert one.other is not None
        assert models[one.other.row] != names[one.side]
        assert not one.has[one.other.row]


def test_no_more_is_shown_than_asked(material: tuple[NamedStore, list[Shown]]) -> None:
    source, _ = material
    found = diff(source.stores[0], by="model", target="new", pair="prompt")
    contrast = units_of(groups(source, pair="prompt"), n=1_000, seed=0)
    assert len(material_of(source, found, contrast, n=1, seed=0)) == 1


def test_a_window_has_the_span_in_its_middle() -> None:
    text = "one two three four five six seven"
    start, end = words_around(text, (14, 18), 3)
    assert text[start:end] == "three four five"
    assert words_around(text, (0, 3), 3) == (0, 13)
    assert words_around(text, (28, 33), 3)[1] == len(text)
    assert words_around("", (0, 0), 3) == (0, 0)
    assert words_around("  ", (0, 0), 3) == (0, 0)


@given(st.text(alphabet="ab \n", min_size=1), st.data(), st.integers(1, 12))
def test_a_window_holds_its_span(text: str, data: st.DataObject, n: int) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = words_around(text, (start, end), n)
    assert 0 <= first <= last <= len(text)
    inside = text[start:end]
    if inside.strip():
        assert first <= start + len(inside) - len(inside.lstrip())
        assert last >= end - (len(inside) - len(inside.rstrip()))

"""Which features an axis has, what each weighs, and which phrase it goes with."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.cluster import axis
from corpuscope.analyses.cluster.axis import Axis, axis_of
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.labels.meanings import Meanings
from corpuscope.labels.named_store import NamedStore
from tests.analyses.columns import columns_of
from tests.analyses.worlds import N_FEATURES, Made, write

HAS = {0: range(0, 2), 1: range(2, 5), 2: range(0, 6), 3: range(5, 10), 4: range(0, 2),
       7: (1, 5, 7, 8)}  # fmt: skip
"""Which of ten documents have each feature: 2 is in most, and 4 where 0 is."""

COSINES = {
    "joy": {0: 0.9, 1: 0.5, 2: 0.95, 3: 0.1, 4: 0.3, 7: 0.2},
    "rage": {0: 0.1, 1: 0.2, 2: 0.1, 3: 0.8, 4: 0.0, 7: 0.6},
    "law": {1: 0.24, 2: 0.9},
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    made = [Made([f"w{row}"], {f for f, rows in HAS.items() if row in rows}) for row in range(10)]
    return NamedStore(write(tmp_path_factory.mktemp("axis") / "s", made))


@pytest.fixture(autouse=True)
def _known_cosines(monkeypatch: pytest.MonkeyPatch) -> None:
    class Known(Meanings):
        def similarity(self, phrases: list[str]) -> np.ndarray:
            found = np.zeros((len(phrases), N_FEATURES), dtype=np.float32)
            for at, phrase in enumerate(phrases):
                for feature, cosine in COSINES.get(phrase, {}).items():
                    found[at, feature] = cosine
            return found

    nothing = np.zeros((N_FEATURES, 2), dtype=np.float32)
    known = Known(nothing, nothing, nothing)
    monkeypatch.setattr("corpuscope.labels.named_store.meanings", lambda store: known)
    presets = {"mood": ("joy", "rage"), "order": ("joy", "law"), "court": ("law", "vote")}
    monkeypatch.setattr(axis, "preset_poles", lambda request: presets.get(request, ()))


def asked(source: NamedStore, along: object, *, n: int = 10, **more: object) -> Axis:
    return axis_of(source, columns_of(source), along, n_features=n, **more)  # type: ignore[arg-type]


def numbers(source: NamedStore, found: Axis) -> list[int]:
    return columns_of(source).features[found.columns].tolist()


def test_a_phrase_takes_the_features_that_are_nearer_than_most_and_not_in_most_documents(
    source: NamedStore,
) -> None:
    found = asked(source, "joy")
    assert numbers(source, found) == [0, 1]
    cosines = np.array([0.9, 0.5, 0.1, 0.3, 0.2])
    z = (cosines - cosines.mean()) / cosines.std()
    assert found.pull == pytest.approx(z[None, :2], rel=1e-5)
    assert found.weights == pytest.approx(-np.log([0.2, 0.3]))
    assert (found.phrases, found.has_poles, found.is_preset) == (("joy",), False, False)
    assert numbers(source, asked(source, "joy", n=1)) == [0]


@pytest.mark.parametrize("along", ["joy; rage", ["joy", "rage"], " joy ;  rage; joy", "mood"])
def test_several_phrases_are_poles_and_each_feature_goes_with_the_nearer(
    source: NamedStore, along: str | list[str]
) -> None:
    found = asked(source, along)
    assert found.phrases == ("joy", "rage")
    assert found.has_poles
    assert found.is_preset == (along == "mood")
    told = {f: found.phrase_of(at) for at, f in enumerate(numbers(source, found))}
    assert told == {0: "joy", 1: "joy", 3: "rage", 7: "rage"}


def test_features_can_be_added_and_left_out(source: NamedStore) -> None:
    added = asked(source, "joy", features=[2, 4])
    assert numbers(source, added) == [0, 1, 2, 4]
    assert added.phrase_of(2) is None
    assert added.pull[0, 2:].tolist() == [0, 0]
    without = asked(source, "joy", features=[2], without=[0, 2])
    assert 0 not in numbers(source, without)
    assert 2 not in numbers(source, without)


def test_features_alone_are_the_axis(source: NamedStore) -> None:
    found = asked(source, None, features=[7, 2], without=[7])
    assert numbers(source, found) == [2]
    assert found.weights == pytest.approx([-np.log(0.6)])
    assert found.phrases == ()
    assert found.phrase_of(0) is None


def test_without_any_choice_one_feature_of_each_family_counts(source: NamedStore) -> None:
    assert numbers(source, asked(source, None)) == [0, 1, 3, 7]
    assert numbers(source, asked(source, None, without=[0])) == [1, 3, 4, 7]


def test_what_is_everywhere_weighs_a_thousandth_and_no_less(tmp_path: Path) -> None:
    source = NamedStore(write(tmp_path / "s", [Made(["a"], {1}), Made(["b"], {1, 2})]))
    columns = columns_of(source, min_support=0)
    found = axis_of(source, columns, None, n_features=1, features=[1, 2])
    expected = {1: -np.log(0.999), 2: np.log(2)}
    kept = columns.features[found.columns].tolist()
    assert found.weights == pytest.approx([expected[f] for f in kept])
    assert set(kept) == {1, 2}


def test_a_preset_may_lose_a_pole_but_not_all(source: NamedStore) -> None:
    with pytest.raises(InputError, match="'law'"):
        asked(source, "order")
    with pytest.raises(InputError, match="'law'"):
        asked(source, "court")


def test_of_three_poles_of_a_preset_two_are_enough(
    source: NamedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(axis, "preset_poles", lambda request: ("law", "joy", "rage"))
    assert asked(source, "mood").phrases == ("joy", "rage")
    with pytest.raises(InputError, match="'law'"):
        asked(source, ["law", "joy", "rage"])


@pytest.mark.parametrize(
    ("along", "more", "word"),
    [("", {}, "along"), (" ; ", {}, "along"), ([], {}, "along"), (["joy", " "], {}, "along"),
     ("law", {}, "'law'"), ("joy", {"features": [N_FEATURES]}, str(N_FEATURES)),
     (None, {"features": [-1]}, "-1"), (None, {"without": [0, 999]}, "999")],
)  # fmt: skip
def test_what_cannot_be_an_axis_is_told(
    source: NamedStore, along: object, more: dict[str, list[int]], word: str
) -> None:
    with pytest.raises(InputError, match=word) as caught:
        axis_of(source, columns_of(source), along, n_features=10, **more)  # type: ignore[arg-type]
    assert caught.value.expected
    assert caught.value.next_step


def test_an_axis_without_features_is_told(source: NamedStore) -> None:
    for along, without in ((None, list(HAS)), ("joy", [0, 1, 2, 3, 4, 7])):
        with pytest.raises((NotEnoughData, InputError)) as caught:
            asked(source, along, without=without)
        assert caught.value.next_step
    with pytest.raises(NotEnoughData):
        asked(source, None, features=[3], without=[3])

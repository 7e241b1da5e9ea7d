"""Pairs that travel together are found; what length, topic or place explains is not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.correlate.analysis import correlate
from corpuscope.analyses.correlate.result import CorrelateResult
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.errors import ColumnNotFound, GroupNotFound, InputError, NotEnoughData
from corpuscope.store.store import Store
from tests.analyses.worlds import N_FEATURES, Made, noise, write
from tests.asking import ask

ONE, TWO, TWIN = 3, 20, 4
LABELS = {ONE: "baseball", TWO: "slang", TWIN: "football", 5: "weather", 6: "poems", 7: "law"}
Rows = list[Made]
Maker = Callable[..., Store]


def scattered(rng: np.random.Generator, made: Made) -> Made:
    """Every feature peaks at a place of its own; sentence features have one sentence only."""
    n = N_FEATURES // 2
    places = rng.permutation(len(made.words))
    made.peaks = {f: int(places[f % len(places)]) if f < n else 0 for f in range(N_FEATURES)}
    return made


def world(seed: int = 0, n: int = 500) -> Rows:
    rng = np.random.default_rng(seed)
    return [scattered(rng, made) for made in noise(rng, n, n_words=40)]


def plant(rows: Rows, share: float = 0.05, *, seed: int = 1) -> Rows:
    """ONE and TWO together in some documents, and hardly anywhere else."""
    rng = np.random.default_rng(seed)
    for made in rows:
        made.features -= {ONE, TWO, TWIN}
        if rng.random() < share:
            made.features |= {ONE, TWO}
        elif rng.random() < 0.02:
            made.features |= {ONE} if rng.random() < 0.5 else {TWO}
    return rows


@pytest.fixture
def store(tmp_path: Path) -> Maker:
    def made(rows: Rows, name: str = "a.scope", **options: Any) -> Store:
        named = {"labels": LABELS, "label_source": "people"} | options
        return write(tmp_path / name, rows, **named)  # type: ignore[arg-type]

    return made


def pairs(found: CorrelateResult) -> list[tuple[int | str, int | str]]:
    return [(one.feature_a, one.feature_b) for one in found.findings]


def test_a_planted_pair_is_the_only_finding_and_its_figures_are_right(store: Maker) -> None:
    rows = plant(world())
    found = correlate(store(rows), min_npmi=0.3)
    assert pairs(found) == [(ONE, TWO)]
    one = found.findings[0]
    n_a, n_b, both = (
        sum(wanted <= made.features for made in rows) for wanted in ({ONE}, {TWO}, {ONE, TWO})
    )
    n = len(rows)
    assert (one.n_both, one.rate_a, one.rate_b) == (both, n_a / n, n_b / n)
    assert one.npmi == pytest.approx(np.log(both * n / (n_a * n_b)) / -np.log(both / n))
    assert one.interval[0] < one.npmi < one.interval[1]
    assert one.q_value < 1e-6
    assert (one.label_a, one.label_b) == ("baseball", "slang")
    assert one.replicated


def test_worlds_without_pairs_have_no_findings(store: Maker) -> None:
    found = [correlate(store(world(seed), f"{seed}.scope"), min_npmi=0.0) for seed in range(8)]
    assert sum(map(len, found)) <= 1


def test_what_length_explains_is_no_finding(store: Maker) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for made in noise(rng, 800, n_words=20):
        is_long = rng.random() < 0.1
        made.words = made.words * (10 if is_long else 1)
        made.features = {f for f in (5, 6) if rng.random() < (0.5 if is_long else 0.01)}
        made.words.append(f"x{len(rows)}")
        rows.append(scattered(rng, made))
    found = correlate(store(rows), min_npmi=0.2)
    assert found.n_reaching == found.n_explained == 1
    assert pairs(found) == []


def test_what_a_column_explains_vanishes_within_it(store: Maker) -> None:
    rng = np.random.default_rng(0)
    rows = world(n=800)
    for made in rows:
        is_sport = rng.random() < 0.1
        made.metadata = {"topic": "sport" if is_sport else "other"}
        made.features = {f for f in (5, 6) if rng.random() < (0.5 if is_sport else 0.01)}
    opened = store(rows)
    assert pairs(correlate(opened, min_npmi=0.2)) == [(5, 6)]
    assert pairs(correlate(opened, min_npmi=0.2, strata=["topic"])) == []


def test_features_that_peak_at_one_place_are_one_thing(store: Maker) -> None:
    rows = world()
    for number, made in enumerate(rows):
        made.features -= {ONE, TWIN}
        if number % 20 == 0:
            made.features |= {ONE, TWIN}
            made.peaks |= {ONE: number % 30, TWIN: number % 30 + 1}
    found = correlate(store(rows))
    assert pairs(found) == []
    assert found.n_same_places == 1


def test_pairs_in_the_same_documents_are_told_once(store: Maker) -> None:
    rows = plant(world())
    for made in rows:
        if ONE in made.features:
            made.features.add(TWIN)
    found = correlate(store(rows))
    assert len(found) == 1
    told = {found.findings[0].feature_a, found.findings[0].feature_b}
    members = found.findings[0].members
    assert len(members) == 2
    for member in members:
        told |= {member.feature_a, member.feature_b}
    assert told == {ONE, TWO, TWIN}


def test_names_alike_are_expected_and_come_last(store: Maker) -> None:
    rows = plant(world())
    rng = np.random.default_rng(3)
    for made in rows:
        made.features -= {7, 21}
        if rng.random() < 0.1:
            made.features |= {7, 21}
    found = correlate(store(rows, labels=LABELS | {21: "law and lawyers"}))
    assert pairs(found) == [(ONE, TWO), (7, 21)]
    assert [one.unexpected for one in found.findings] == [True, False]
    assert found.findings[1].label_similarity > found.findings[0].label_similarity


@pytest.mark.parametrize(("words_apart", "is_phrase"), [(8, True), (18, False)])
def test_what_is_always_in_one_sentence_is_no_surprise(
    store: Maker, words_apart: int, is_phrase: bool
) -> None:
    """Of four sentences of ten words the pair has one, or two; never neighbouring words."""
    rows = world()
    for number, made in enumerate(rows):
        made.n_sentences = 4
        made.features -= {5, 6}
        if number % 20 == 0:
            made.features |= {5, 6}
            first = 10 * (number // 20 % 3)
            made.peaks |= {5: first, 6: first + words_apart}
    found = correlate(store(rows), settings=CorrelateSettings(rename=False))
    assert pairs(found) == [(5, 6)]
    assert found.findings[0].share_apart == (0 if is_phrase else 1)
    assert found.findings[0].unexpected is not is_phrase


def test_a_feature_without_a_name_is_never_unexpected(store: Maker) -> None:
    found = correlate(
        store(plant(world()), labels={TWO: "slang"}), settings=CorrelateSettings(rename=False)
    ).findings[0]
    assert np.isnan(found.label_similarity)
    assert not found.unexpected


def test_copies_of_a_text_count_once(store: Maker) -> None:
    rows = world()
    made = rows[0]
    made.features = {ONE, TWO}
    found = correlate(store([made] * 40 + rows[1:]))
    assert found.n_documents == len(rows)
    assert pairs(found) == []
    assert any("39 duplicate texts" in warning for warning in found.warnings)


def test_each_value_of_a_column_can_count_once(store: Maker) -> None:
    rows = world(n=600)
    for number, made in enumerate(rows):
        made.features -= {ONE, TWO}
        made.metadata = {"prompt": f"p{number // 12}"}
        if number // 12 < 2:
            made.features |= {ONE, TWO}
    opened = store(rows)
    assert pairs(correlate(opened)) == [(ONE, TWO)]
    found = correlate(opened, one_per="prompt")
    assert (found.n_documents, pairs(found)) == (50, [])


def test_only_the_documents_asked_about_count(store: Maker) -> None:
    rows = plant(world())
    opened = store(rows)
    has_both = np.array([{ONE, TWO} <= made.features for made in rows])
    found = correlate(opened, among=~has_both)
    assert found.n_documents == (~has_both).sum()
    assert pairs(found) == []
    with pytest.raises(InputError, match="3 values in among"):
        correlate(opened, among=[True, False, True])
    with pytest.raises(NotEnoughData, match="0 documents"):
        correlate(opened, among=np.zeros(len(rows), dtype=bool))


def test_two_views_are_joined_by_id(store: Maker) -> None:
    rows = plant(world())
    left = [Made(made.words, made.features & {ONE}, {}, made.peaks) for made in rows]
    right = [Made(made.words, made.features & {TWO}, {}, made.peaks) for made in rows]
    ids = [f"d{i}" for i in range(len(rows))]
    one = store(left, "left.scope", ids=ids)
    other = store(right[::-1][:-10], "right.scope", ids=ids[::-1][:-10], dictionary="other")
    found = correlate(one, other)
    assert pairs(found) == [(ONE, TWO)]
    assert found.n_documents == len(rows) - 10
    assert any("10 documents" in warning for warning in found.warnings)
    shown = found.evidence(0)
    assert [entry.side for entry in shown[:2]] == ["a", "b"]
    assert shown[0].id == shown[1].id


def test_groups_show_where_it_holds(store: Maker) -> None:
    rows = world(n=900)
    for number, made in enumerate(rows):
        made.metadata = {"model": ("old", "new")[number % 2]}
    plant(rows[::2], 0.1)
    for made in rows[1::2]:
        made.features -= {ONE, TWO}
    rng = np.random.default_rng(5)
    for made in rows[1::2]:
        made.features |= {f for f in (ONE, TWO) if rng.random() < 0.1}
    found = correlate(store(rows), by="model")
    one = found.findings[0]
    assert one.groups["old"] > 0.7 > 0.3 > one.groups["new"]
    assert one.groups_p < 1e-6


def test_evidence_has_both_places_in_one_text(store: Maker) -> None:
    rows = plant(world())
    shown = correlate(store(rows), settings=CorrelateSettings(evidence=3)).evidence(0)
    assert len(shown) == 3
    number = int(shown[0].id[1:])
    words = [shown[0].text[start:end] for start, end in shown[0].spans]
    assert words[0] == rows[number].words[rows[number].peaks[ONE]]
    assert words[1] == shown[0].text  # The only sentence.


def test_json_frame_and_plot(store: Maker, tmp_path: Path) -> None:
    found = correlate(store(plant(world())))
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert answer["analysis"] == "correlate"
    one = answer["findings"][0]
    for key in ("feature_a", "feature_b", "label_a", "label_b", "rate_a", "rate_b", "rate_both",
                "npmi", "interval", "p_value", "q_value", "label_similarity", "unexpected",
                "evidence"):  # fmt: skip
        assert key in one
    assert set(one["evidence"][0]) == {"id", "text", "side", "spans", "strength"}
    assert found.to_frame()["label_a"].tolist() == ["baseball"]
    found.plot().figure.savefig(tmp_path / "a.png")


def test_the_same_question_has_the_same_answer(store: Maker) -> None:
    opened = store(plant(world()))
    assert correlate(opened).to_json() == correlate(opened).to_json()


def test_bad_questions_are_refused(store: Maker) -> None:
    opened = store(world(n=40))
    for options, message in (
        ({"min_npmi": 1.2}, "min_npmi is 1.2"),
        ({"holdout": 0.0}, "holdout is 0.0"),
        ({"evidence": -1}, "evidence is -1"),
    ):
        with pytest.raises(InputError, match=message):
            ask(correlate, opened, **options)  # type: ignore[arg-type]
    with pytest.raises(ColumnNotFound):
        correlate(opened, strata=["topic"])
    with pytest.raises(GroupNotFound, match="1 values"):
        correlate(store([Made(m.words, m.features, {"g": "x"}) for m in world(n=40)], "g"), by="g")
    with pytest.raises(InputError, match="no id of the first store"):
        correlate(opened, store(world(n=40), "b", ids=[f"x{i}" for i in range(40)]))
    with pytest.raises(NotEnoughData, match="12 documents"):
        correlate(store(world(n=12), "few"))


def test_a_column_of_few_values_that_divides_the_features_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    made = noise(rng, 600)
    for number, one in enumerate(made):
        topic = number % 10
        one.metadata = {"topic": f"t{topic}", "by": "ab"[number % 2]}
        likely = rng.random(3) < 0.7
        one.features |= {3 * topic + at for at in range(3) if likely[at]}
    store = write(tmp_path / "s", made)
    (told,) = [
        one
        for one in correlate(store, settings=CorrelateSettings(words=False)).warnings
        if "are similar" in one
    ]
    assert "'topic'" in told
    assert "within='topic'" in told
    held = correlate(store, settings=CorrelateSettings(words=False), within="topic")
    assert not [one for one in held.warnings if "are similar" in one]


def test_fillings_of_templates_belong_together(tmp_path: Path) -> None:
    """Two features that are only in all texts of the same two of sixty templates."""
    rng = np.random.default_rng(0)
    frames = [[f"f{chr(97 + frame % 26)}{chr(97 + frame // 26)}{chr(97 + at)}" for at in range(20)]
              for frame in range(60)]  # fmt: skip
    made = []
    for number in range(600):
        frame = number % 60
        words = [*frames[frame], f"name{chr(97 + number // 60)}"]
        features = {int(one) for one in rng.permutation(28)[:3]}
        made.append(Made(words, features | ({28, 29} if frame < 2 else set())))
    store = write(tmp_path / "s", made)
    found = correlate(store, settings=CorrelateSettings(words=False))
    assert any("near duplicates" in one for one in found.warnings)
    assert not [one for one in found.findings if {one.feature_a, one.feature_b} == {28, 29}]

"""`trend` finds what was planted, and nothing where nothing was."""

import json
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.diff.analysis import diff
from corpuscope.analyses.trend.analysis import trend as trend_with_names
from corpuscope.analyses.trend.result import TrendResult
from corpuscope.analyses.trend.settings import TrendSettings
from corpuscope.errors import InputError
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, vocabulary, write
from tests.asking import ask

# Names are tested in test_names.py, and take most of the time.
trend = partial(ask, trend_with_names, rename=False)

RISING, FALLING, JUMPING, TURNING, LONG = 7, 20, 22, 24, 26
RATES = {
    RISING: (0.05, 0.15, 0.25, 0.35),
    FALLING: (0.5, 0.4, 0.2, 0.1),
    JUMPING: (0.02, 0.02, 0.3, 0.3),
    TURNING: (0.05, 0.1, 0.6, 0.25),
}


def answers(n_prompts: int = 160, seed: int = 1) -> list[Made]:
    """Four versions answer each prompt; five features and a word change along them."""
    rng = np.random.default_rng(seed)
    made = noise(rng, 4 * n_prompts)
    for number, document in enumerate(made):
        version = number % 4
        document.metadata = {"version": f"v{version + 8}", "prompt": number // 4,
                             "exact": float(rng.random() + version)}  # fmt: skip
        document.features -= set(RATES)
        document.features |= {f for f, rates in RATES.items() if rng.random() < rates[version]}
        if RISING in document.features:
            document.words[3] = "certainly"
    return made


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Store:
    labels = {RISING: "certainty", FALLING: "doubt", JUMPING: "bold", TURNING: "fashion"}
    return write(tmp_path_factory.mktemp("planted") / "planted.scope", answers(), labels=labels)


def by_feature(found: TrendResult) -> dict[int | str, Any]:
    return {finding.feature: finding for finding in found.findings}


@pytest.mark.parametrize("pair", [None, "prompt"])
def test_planted_trends_are_found_with_their_rates(planted: Store, pair: str | None) -> None:
    found = trend(planted, by="version", pair=pair)
    assert found.groups == ("v8", "v9", "v10", "v11")
    assert found.group_sizes == (160, 160, 160, 160)
    told = by_feature(found)
    assert set(told) == {"certainly", FALLING, JUMPING, TURNING}
    rising = told["certainly"]
    assert list(rising.rates) == list(found.groups)
    assert list(rising.rates.values()) == pytest.approx(RATES[RISING], abs=0.09)
    assert rising.slope == pytest.approx(0.1, abs=0.03)
    assert rising.interval[0] < rising.slope < rising.interval[1]
    assert rising.adjusted_slope == pytest.approx(rising.slope, abs=0.02)
    assert [(m.feature, m.label) for m in rising.members] == [(RISING, "certainty")]
    assert rising.kind == "word"
    for name, (low, high) in rising.rate_intervals.items():
        assert low < rising.rates[name] < high
    falling = told[FALLING]
    assert falling.label == "doubt"
    assert falling.slope < 0 > falling.z
    assert falling.q_value < 0.001
    assert falling.replicated
    halves = sorted([falling.discovery_slope, falling.holdout_slope])
    assert halves[0] <= falling.slope <= halves[1]


def test_a_jump_is_told_from_a_drift_and_from_a_turn(planted: Store) -> None:
    told = by_feature(trend(planted, by="version"))
    jump = told[JUMPING]
    assert (jump.largest_step.start, jump.largest_step.end) == ("v9", "v10")
    assert jump.largest_step.change == pytest.approx(0.28, abs=0.09)
    assert jump.largest_share > 0.6
    assert told["certainly"].largest_share < 0.55
    turn = told[TURNING]
    assert (turn.turns, turn.monotone) == (True, False)
    assert [(step.start, step.end) for step in turn.reversals] == [("v10", "v11")]
    assert turn.reversals[0].change == pytest.approx(-0.35, abs=0.1)
    assert not any(told[name].turns for name in ("certainly", FALLING, JUMPING))
    assert told["certainly"].monotone
    assert told["certainly"].reversals == ()


def test_what_turns_around_comes_last(planted: Store) -> None:
    findings = trend(planted, by="version").findings
    assert findings[-1].feature == TURNING
    straight = [abs(one.z) for one in findings[:-1]]
    assert straight == sorted(straight, reverse=True)


def test_turning_the_order_round_turns_the_signs(planted: Store) -> None:
    there = by_feature(trend(planted, by="version"))
    back = by_feature(trend(planted, by="version", order=["v11", "v10", "v9", "v8"]))
    assert set(there) == set(back)
    for name, finding in there.items():
        other = back[name]
        assert finding.slope == pytest.approx(-other.slope)
        assert finding.adjusted_slope == pytest.approx(-other.adjusted_slope)
        assert finding.p_value == pytest.approx(other.p_value)
        assert list(finding.rates) == list(other.rates)[::-1]
        assert finding.monotone == other.monotone


def test_some_groups_can_be_asked_in_an_order_of_ones_own(planted: Store) -> None:
    found = trend(planted, by="version", order=["v8", "v10", "v11"])
    assert found.groups == ("v8", "v10", "v11")
    assert found.n_documents == 480
    assert found.parameters["order"] == ["v8", "v10", "v11"]
    assert "160 documents of groups that order does not name were left out" in found.warnings


def test_values_of_ones_own_and_stores_are_groups_too(tmp_path: Path, planted: Store) -> None:
    made = answers()
    stores = [write(tmp_path / f"s{at}", made[at::4], ids=[f"{at}/{i}" for i in range(160)])
              for at in range(4)]  # fmt: skip
    as_stores = trend(stores, pair="prompt")
    assert as_stores.groups == ("s0", "s1", "s2", "s3")
    given = trend(planted, by=[number % 4 for number in range(640)], pair="prompt")
    slopes = [one.slope for one in as_stores.findings]
    assert slopes == pytest.approx([one.slope for one in given.findings])
    back = trend(stores[::-1], pair="prompt")
    assert [one.slope for one in back.findings] == pytest.approx([-slope for slope in slopes])


def test_many_numbers_are_put_together_in_groups_of_one_size(planted: Store) -> None:
    found = trend(planted, by="exact", settings=TrendSettings(max_groups=5))
    assert len(found.groups) == 5
    assert set(found.group_sizes) == {128}
    assert found.groups[0].startswith("0.0")
    assert any("640 values of 'exact'" in warning for warning in found.warnings)
    assert {"certainly", FALLING, JUMPING} <= set(by_feature(found))
    assert len(trend(planted, by="exact").groups) == 12


def test_a_rise_is_found_however_its_times_are_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    days = [date(2022, 10, 1) + timedelta(days=int(day)) for day in rng.integers(0, 120, 600)]
    made = [
        Made(vocabulary(rng, 20), {0} if rng.random() < (day - date(2022, 10, 1)).days / 120
             else {1}, {"dotted": f"{day:%d.%m.%y}", "american": f"{day:%m/%d/%Y} 07:07 PM"})
        for day in days
    ]  # fmt: skip
    store = write(tmp_path / "s", made)
    for column in ("dotted", "american"):
        found = trend(store, by=column, every="month")
        assert found.groups == ("2022-10", "2022-11", "2022-12", "2023-01")
        assert by_feature(found)[0].slope > 0.15
        assert len(trend(store, by=column).groups) == 12


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"every": "month", "order": ["3", "4"]}, "order names groups"),
        ({"every": "month", "by": None}, "no column of times"),
    ],
)
def test_periods_that_cannot_be_are_refused(
    planted: Store, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        trend(planted, **({"by": "version"} | asked))


def test_a_feature_that_only_follows_length_is_not_reported(tmp_path: Path) -> None:
    """Each version writes longer; three features and many words come with the tokens."""
    rng = np.random.default_rng(5)
    made = []
    for number in range(1000):
        version = number % 4
        n_words = int(rng.lognormal(np.log(16 + 6 * version), 0.4)) + 5
        document = noise(rng, 1, n_words=n_words)[0]
        document.metadata = {"version": version, "prompt": number // 4}
        document.features -= {RISING, LONG, LONG + 1, LONG + 2}
        document.features |= {f for f in (LONG, LONG + 1, LONG + 2)
                              if rng.random() < -np.expm1(-0.02 * n_words)}  # fmt: skip
        if rng.random() < RATES[RISING][version]:
            document.features.add(RISING)
        made.append(document)
    store = write(tmp_path / "s", made)
    for pair in (None, "prompt"):
        raw = by_feature(trend(store, by="version", pair=pair, adjust=False))
        assert {LONG, LONG + 1, LONG + 2, RISING} <= set(raw)
        found = trend(store, by="version", pair=pair)
        assert set(by_feature(found)) == {RISING}
        assert found.n_changing > 4
        beside = trend(store, by="version", pair=pair, adjust=False).without(found, n=2)
        assert len(beside) == 2
        assert RISING not in by_feature(beside)


def test_texts_cut_shorter_and_shorter_show_nothing_but_length(tmp_path: Path) -> None:
    """Each document whole and cut twice; features sit at random words."""
    rng = np.random.default_rng(6)
    made = []
    for whole in noise(rng, 300, n_words=60, n_features=0):
        places = {feature: rng.random(60) < 0.002 * (1 + feature) for feature in range(30)}
        for part, n_words in (("1", 60), ("2", 40), ("3", 20)):
            features = {f for f, at in places.items() if at[:n_words].any()}
            metadata = {"part": part, "of": len(made) // 3}
            made.append(Made(whole.words[:n_words], features, metadata))
    store = write(tmp_path / "s", made)
    # Lengths tell the groups apart: without pairs nothing can be told at equal lengths.
    apart = trend(store, by="part")
    assert apart.findings == ()
    assert any("of similar length" in warning for warning in apart.warnings)
    assert len(trend(store, by="part", adjust=False)) > 20
    assert len(trend(store, by="part", pair="of")) <= 1


@pytest.mark.parametrize("pair", [None, "prompt"])
def test_shuffled_groups_show_no_trend(tmp_path: Path, pair: str | None) -> None:
    rng = np.random.default_rng(9)
    made = noise(rng, 160)
    for number, document in enumerate(made):
        document.metadata["prompt"] = number // 4
    for world in range(30):
        orders = np.array([rng.permutation(4) for _ in range(40)]).ravel()
        for document, place in zip(made, orders.tolist(), strict=True):
            document.metadata[f"order{world}"] = place
    store = write(tmp_path / "s", made)
    found = [
        trend(store, by=f"order{world}", pair=pair, settings=TrendSettings(seed=world))
        for world in range(30)
    ]
    # A rule that reports something in one run of twenty stays below this 98 times in 100.
    assert sum(bool(one.findings) for one in found) <= 4
    assert sum(bool(one.at(q=0.999).findings) for one in found) > 0


def test_pairing_takes_out_what_the_prompt_brings(tmp_path: Path) -> None:
    """Prompts ask for feature 7 or do not; only pairs see how little the versions add."""
    rng = np.random.default_rng(10)
    made = noise(rng, 640)
    for number, document in enumerate(made):
        version, prompt = number % 4, number // 4
        document.metadata = {"version": version, "prompt": prompt}
        document.features.discard(RISING)
        if rng.random() < (0.9 if prompt % 2 else 0.02) * (1 - 0.12 * version):
            document.features.add(RISING)
    store = write(tmp_path / "s", made)
    apart, paired = (
        {one.feature: one.p_value for one in trend(store, by="version", pair=pair).candidates}
        for pair in (None, "prompt")
    )
    assert paired[RISING] < 0.1 * apart.get(RISING, 0.01)


def test_a_stratum_explains_what_it_explains(tmp_path: Path) -> None:
    """Letters ask for feature 7, and later versions write letters."""
    rng = np.random.default_rng(11)
    made = noise(rng, 900)
    for number, document in enumerate(made):
        version = number % 3
        is_letter = rng.random() < 0.2 + 0.3 * version
        document.metadata = {"version": version, "letter": is_letter, "prompt": number // 3}
        document.features.discard(RISING)
        if rng.random() < (0.6 if is_letter else 0.1):
            document.features.add(RISING)
    store = write(tmp_path / "s", made)
    for pair in (None, "prompt"):
        assert set(
            by_feature(trend(store, by="version", pair=pair, settings=TrendSettings(words=False)))
        ) == {RISING}
        strict = trend(
            store, by="version", pair=pair, strata=["letter"], settings=TrendSettings(words=False)
        )
        assert not strict.findings


def test_evidence_is_of_both_ends_and_says_of_which_group(planted: Store) -> None:
    for pair in (None, "prompt"):
        found = trend(planted, by="version", pair=pair, settings=TrendSettings(evidence=3))
        groups = dict(zip(planted.ids, planted.column("version"), strict=True))
        for number, finding in enumerate(found.findings):
            shown = found.evidence(number)
            late, early = ("v10", "v11"), ("v8", "v9")
            first, second = (late, early) if finding.slope > 0 else (early, late)
            assert [one.side in first for one in shown] == [True] * 3 + [False] * 3
            assert {one.side for one in shown[3:]} <= set(second)
            for one in shown:
                assert one.side == groups[one.id]
                ((start, end), *_) = one.spans
                if finding.feature == "certainly":
                    assert one.text[start:end] == "certainly"


def test_series_show_all_answers_to_a_prompt(planted: Store) -> None:
    found = trend(planted, by="version", pair="prompt", settings=TrendSettings(evidence=3))
    at = [finding.feature for finding in found.findings].index("certainly")
    assert len(found.series(at)) == 3
    for series in found.series(at):
        assert [one.side for one in series] == list(found.groups)
        assert len({int(one.id[1:]) // 4 for one in series}) == 1
        has = [bool(one.spans) for one in series]
        assert has == ["certainly" in one.text for one in series]
        assert any(has[2:])
        assert not any(has[:2])
    with pytest.raises(Exception, match="not paired"):
        trend(planted, by="version").series(0)


def test_keys_that_lack_a_group_still_count(tmp_path: Path) -> None:
    made = answers()
    for number, document in enumerate(made):
        if number % 7 == 0:
            document.metadata["prompt"] = None
    for document in made[1:4]:
        document.metadata["prompt"] = f"own {id(document)}"
    store = write(tmp_path / "s", made)
    found = trend(store, by="version", pair="prompt")
    assert {"certainly", FALLING, JUMPING} <= set(by_feature(found))
    assert any("without a partner in another group" in warning for warning in found.warnings)
    assert any("not in all groups" in warning for warning in found.warnings)


@pytest.mark.parametrize("pair", [None, "prompt"])
def test_the_order_of_the_documents_does_not_matter(tmp_path: Path, pair: str | None) -> None:
    made = answers(120)
    ids = [f"d{number}" for number in range(len(made))]
    order = np.random.default_rng(4).permutation(len(made))
    one = write(tmp_path / "one", made, ids=ids)
    other = write(tmp_path / "other", [made[i] for i in order], ids=[ids[i] for i in order])
    kept = [trend(store, by="version", pair=pair).candidates for store in (one, other)]
    assert [each.feature for each in kept[0]] == [each.feature for each in kept[1]]
    for left, right in zip(*kept, strict=True):
        assert left.p_value == pytest.approx(right.p_value)
        assert left.slope == pytest.approx(right.slope)
        assert left.replicated == right.replicated


def test_the_same_call_gives_the_same_answer(planted: Store) -> None:
    one, two = (
        trend(planted, by="version", pair="prompt", settings=TrendSettings(seed=3))
        for _ in range(2)
    )
    assert one.to_json() == two.to_json()
    other = trend(planted, by="version", pair="prompt", settings=TrendSettings(seed=4))
    assert other.findings[0].discovery_slope != one.findings[0].discovery_slope
    assert other.findings[0].slope == one.findings[0].slope


def test_another_bar_needs_no_new_computation(planted: Store) -> None:
    found = trend(planted, by="version")
    loose, strict = found.at(q=0.9), found.at(q=1e-15)
    assert len(strict) < len(found) <= len(loose)
    assert loose.parameters["q"] == loose.q == 0.9
    assert len(trend(planted, by="version", settings=TrendSettings(max_findings=1))) == 1


def test_features_or_words_can_be_asked_alone(planted: Store) -> None:
    assert set(
        by_feature(trend(planted, by="version", settings=TrendSettings(words=False)))
    ) == set(RATES)
    assert set(
        by_feature(trend(planted, by="version", settings=TrendSettings(features=False)))
    ) == {"certainly"}
    assert not trend(
        planted, by="version", settings=TrendSettings(features=False, words=False)
    ).findings


def test_nothing_found_says_what_could_have_been(tmp_path: Path) -> None:
    made = noise(np.random.default_rng(10), 90)
    for number, document in enumerate(made):
        document.metadata["third"] = number % 3
    found = trend(write(tmp_path / "s", made), by="third")
    assert found.findings == ()
    assert 0.3 < found.smallest_detectable < 0.8
    assert list(found.to_frame().columns)[:3] == ["feature", "kind", "label"]
    assert found.plot() is not None


def test_what_could_have_been_found_is_found_four_times_in_five(tmp_path: Path) -> None:
    """By the whole rule: drifts of that size, planted in other documents, one in each run."""
    drift = trend(
        write(tmp_path / "s", _drifting(0, 0.0)), by="version", settings=TrendSettings(words=False)
    )
    found = [
        NEW in by_feature(trend(write(tmp_path / f"{run}", _drifting(run, step)), by="version",
                                settings=TrendSettings(words=False, rename=False)))
        for step in [drift.smallest_detectable]
        for run in range(1, 26)
    ]  # fmt: skip
    assert np.mean(found) == pytest.approx(0.8, abs=0.2)


NEW = 3


def _drifting(seed: int, drift: float) -> list[Made]:
    """Four versions of 80 documents; one feature rises evenly from 10 %."""
    rng = np.random.default_rng(seed)
    made = noise(rng, 320)
    for number, document in enumerate(made):
        document.metadata["version"] = number % 4
        document.features.discard(NEW)
        if rng.random() < 0.1 + drift * (number % 4) / 3:
            document.features.add(NEW)
    return made


def test_json_has_the_fixed_names(planted: Store) -> None:
    found = trend(planted, by="version", pair="prompt")
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    fixed = {"analysis", "version", "store", "parameters", "n_documents", "warnings", "findings"}
    assert fixed <= set(answer)
    assert (answer["analysis"], answer["groups"]) == ("trend", ["v8", "v9", "v10", "v11"])
    names = {
        *("feature", "kind", "label", "members", "rates", "slope", "interval", "p_value"),
        *("q_value", "monotone", "replicated", "evidence"),
    }
    for finding in answer["findings"]:
        assert names <= set(finding)
        assert list(finding["rates"]) == answer["groups"]
        assert len(finding["interval"]) == 2
        for evidence in finding["evidence"]:
            assert set(evidence) == {"id", "text", "side", "spans", "strength"}


def test_the_frame_has_a_row_for_each_finding(planted: Store) -> None:
    found = trend(planted, by="version")
    frame = found.to_frame()
    assert frame["feature"].tolist() == [finding.feature for finding in found.findings]
    assert frame["lower"].tolist() == [finding.interval[0] for finding in found.findings]
    assert frame["rate v11"].tolist() == [one.rates["v11"] for one in found.findings]


def test_the_plot_has_a_panel_for_each_finding(planted: Store) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    found = trend(planted, by="version")
    panels = [panel for panel in found.plot().axes if panel.get_visible()]
    titles = [panel.get_title(loc="left") for panel in panels]
    assert len(titles) == len(found.findings) == 4
    assert titles[-1] == "4  fashion"
    assert [text.get_text() for text in panels[-1].get_xticklabels()] == list(found.groups)
    drawn = panels[-1].lines[0].get_ydata()
    assert list(drawn) == pytest.approx([100 * r for r in found.findings[-1].rates.values()])
    assert len([p for p in found.plot(n=1).axes if p.get_visible()]) == 1
    plt.close("all")


def test_first_and_last_of_two_groups_agree_with_diff(planted: Store) -> None:
    """Three groups, the middle one empty of what can tell: rates are those of `diff`."""
    found = by_feature(trend(planted, by="version", settings=TrendSettings(words=False)))
    ends = diff(
        planted,
        by="version",
        target="v11",
        reference="v8",
        settings=ComparisonSettings(words=False),
    )
    for finding in ends.findings:
        rates = found[finding.feature].rates
        assert (rates["v8"], rates["v11"]) == (finding.rate_reference, finding.rate_target)

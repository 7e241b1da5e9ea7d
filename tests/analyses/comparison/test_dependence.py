"""One text has one vote, and documents that belong together are not taken as independent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.audit.analysis import audit
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.correlate.analysis import correlate
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.diff.analysis import diff
from corpuscope.analyses.trend.analysis import trend
from corpuscope.duplicates.numbering import counted_once
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, vocabulary, write
from tests.asking import ask

HABIT, PLANTED = 8, 5

Ask = Callable[..., Any]


def asked_diff(store: Store, **options: Any) -> Any:
    return ask(diff, store, by="side", target="b", rename=False, **options)


def asked_trend(store: Store, **options: Any) -> Any:
    return ask(trend, store, by="year", rename=False, **options)


ASKED = pytest.mark.parametrize("ask", [asked_diff, asked_trend], ids=["diff", "trend"])


def texts(rng: np.random.Generator, n: int) -> list[Made]:
    """Documents without a difference between sides, or along years."""
    made = noise(rng, n)
    for document in made:
        at = int(rng.integers(4))
        document.metadata = {"side": "ab"[at // 2], "year": 2000 + at}
    return made


def by_authors(rng: np.random.Generator, *, planted: bool = False) -> list[Made]:
    """40 authors of 12 texts, each with habits of his own, in the years of his side."""
    made = []
    for author in range(40):
        habits = rng.choice([0.02, 0.5], size=12, p=[0.7, 0.3])
        for _ in range(12):
            has = set(np.flatnonzero(rng.random(12) < habits).tolist())
            if planted and rng.random() < (0.7 if author % 4 > 1 else 0.1):
                has.add(PLANTED + 10)
            about = {"side": "ab"[author % 4 // 2], "year": 2000 + author % 4, "author": author}
            made.append(Made(vocabulary(rng, 20), has, about))
    return made


@ASKED
def test_a_table_that_a_join_has_multiplied_says_no_more_than_before(
    tmp_path: Path, ask: Ask
) -> None:
    made = texts(np.random.default_rng(1), 240)
    once = ask(write(tmp_path / "once", made), words=False)
    many = ask(write(tmp_path / "many", [one for one in made for _ in range(4)]), words=False)
    counted = ask(write(tmp_path / "all", [one for one in made for _ in range(4)]),
                  words=False, count_copies=True)  # fmt: skip
    assert [one.p_value for one in many.candidates] == [one.p_value for one in once.candidates]
    assert many.n_documents == once.n_documents == 240
    assert any("4 times in its group" in told for told in many.warnings)
    assert counted.n_documents == 960
    assert len(counted.candidates) > len(once.candidates)


def test_a_text_counts_once_in_each_group_and_of_each_key() -> None:
    text, group, nobody = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]), np.full(5, -1)
    every = np.ones(5, dtype=bool)
    assert counted_once(text, group, nobody, rows=every).tolist() == [1, 0, 1, 1, 0]
    key = np.array([0, 1, 0, 1, 2])
    assert counted_once(text, group, key, rows=every).tolist() == [1, 1, 1, 1, 1]
    # A join repeats a text with its key; another prompt may well have the same answer.
    text, group, key = np.array([5, 5, 5]), np.array([0, 0, 0]), np.array([0, 0, 1])
    assert counted_once(text, group, key, rows=every[:3]).tolist() == [1, 0, 1]


@ASKED
def test_habits_of_authors_are_no_differences_and_the_author_is_suggested(
    tmp_path: Path, ask: Ask
) -> None:
    false_alarms, n_suggested, n_findings = 0, 0, 0
    for seed in range(6):
        store = write(tmp_path / f"{seed}", by_authors(np.random.default_rng(seed)))
        alone = ask(store, words=False)
        n_findings += len(alone)
        n_suggested += alone.suggested_group == "author"
        assert any("'author'" in told for told in alone.warnings) == bool(alone.suggested_group)
        known = ask(store, words=False, group="author")
        false_alarms += len(known) > 0
        assert known.suggested_group is None
    assert n_findings > 6
    assert n_suggested == 6
    assert false_alarms <= 1


@ASKED
def test_what_the_authors_of_a_side_do_is_found(tmp_path: Path, ask: Ask) -> None:
    store = write(tmp_path / "s", by_authors(np.random.default_rng(7), planted=True))
    found = ask(store, words=False, group="author")
    assert PLANTED + 10 in {one.feature for one in found.findings}
    alone = ask(store, words=False)
    narrow, wide = (
        next(one for one in answer.candidates if one.feature == PLANTED + 10).interval
        for answer in (alone, found)
    )
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


def test_independent_documents_bring_no_suggestion(tmp_path: Path) -> None:
    for seed in range(4):
        made = texts(np.random.default_rng(seed), 300)
        for at, document in enumerate(made):
            document.metadata["shelf"] = at % 30
        assert asked_diff(write(tmp_path / f"{seed}", made)).suggested_group is None


def test_prompts_that_both_sides_answered_are_suggested_as_pairs(tmp_path: Path) -> None:
    rng, made = np.random.default_rng(3), []
    for prompt in range(150):
        topic = set(np.flatnonzero(rng.random(20) < rng.choice([0.02, 0.9], 20)).tolist())
        for side in "ab":
            made.append(Made(vocabulary(rng, 20), topic, {"side": side, "prompt": prompt}))
    store = write(tmp_path / "s", made)
    alone = asked_diff(store)
    assert alone.suggested_group is None
    assert any("pair='prompt'" in told for told in alone.warnings)
    assert not any("pair=" in told for told in asked_diff(store, pair="prompt").warnings)


@ASKED
def test_a_prompt_may_have_several_answers_of_one_side(tmp_path: Path, ask: Ask) -> None:
    """What is common to answers of a side to one prompt is no difference; what all have is one."""
    rng, made = np.random.default_rng(4), []
    for prompt in range(60):
        for place in range(4):
            own = rng.random(12) < 0.3
            for _ in range(3):
                has = set(np.flatnonzero(own & (rng.random(12) < 0.8)).tolist())
                if rng.random() < (0.45 if place > 1 else 0.15):
                    has.add(PLANTED + 10)
                about = {"side": "ab"[place // 2], "year": 2000 + place, "prompt": prompt}
                made.append(Made(vocabulary(rng, 20), has, about))
    found = ask(write(tmp_path / "s", made), pair="prompt", words=False)
    assert [one.feature for one in found.findings] == [PLANTED + 10]
    assert found.is_paired


def test_pairs_of_several_answers_stand_side_by_side(tmp_path: Path) -> None:
    rng, made = np.random.default_rng(5), []
    for prompt in range(80):
        for side in "aabb":
            has = {HABIT} if rng.random() < (0.6 if side == "b" else 0.1) else set()
            made.append(Made(vocabulary(rng, 20), has, {"side": side, "prompt": prompt}))
    found = asked_diff(write(tmp_path / "s", made), pair="prompt", words=False)
    assert any("several documents with the same 'prompt'" in told for told in found.warnings)
    (finding,) = found.findings
    assert finding.rate_target - finding.rate_reference == pytest.approx(finding.difference)
    for target, reference in found.pairs(0):
        assert int(target.id[1:]) // 4 == int(reference.id[1:]) // 4
        assert target.strength > 0


def test_filled_templates_are_taken_as_belonging_together_and_counted(tmp_path: Path) -> None:
    rng, made = np.random.default_rng(6), []
    for number in range(40):
        words = vocabulary(rng, 30)
        habits = set(np.flatnonzero(rng.random(12) < 0.3).tolist())
        for filled in range(12):
            text = [*words[:15], f"name{chr(97 + filled)}", *words[15:]]
            made.append(Made(text, habits, {"side": "ab"[number % 2]}))
    found = asked_diff(write(tmp_path / "s", made), words=False)
    assert any("near duplicates" in told for told in found.warnings)
    assert len(found) == 0
    assert len(asked_diff(write(tmp_path / "t", made), words=False, count_copies=True)) > 0


def test_of_several_classes_their_own_column_is_no_suggestion(tmp_path: Path) -> None:
    rng, made = np.random.default_rng(8), []
    for label in range(10):
        habits = rng.choice([0.02, 0.6], size=12)
        for _ in range(30):
            has = set(np.flatnonzero(rng.random(12) < habits).tolist())
            made.append(Made(vocabulary(rng, 20), has, {"label": f"c{label}"}))
    by = ["c0" if one.metadata["label"] == "c0" else "rest" for one in made]
    found = diff(
        write(tmp_path / "s", made),
        by=by,
        target="c0",
        settings=ComparisonSettings(rename=False, words=False),
    )
    assert found.suggested_group is None


def shortcuts_of(store: Store, **options: Any) -> Any:
    return ask(audit, store, label="side", checks=("shortcuts",), rename=False, **options)


def test_shortcuts_are_counted_by_texts_and_by_authors(tmp_path: Path) -> None:
    made = texts(np.random.default_rng(9), 240)
    once = shortcuts_of(write(tmp_path / "once", made))
    many = shortcuts_of(write(tmp_path / "many", [one for one in made for _ in range(4)]))
    assert [(one.feature, one.z) for one in many.shortcuts] == [
        (one.feature, one.z) for one in once.shortcuts
    ]
    assert any("4 times in its group" in told for told in many.warnings)
    n_alone, n_known = 0, 0
    for seed in range(4):
        store = write(tmp_path / f"{seed}", by_authors(np.random.default_rng(seed)))
        alone = shortcuts_of(store)
        assert any("'author'" in told for told in alone.warnings)
        n_alone += alone.counts["shortcuts"]
        n_known += shortcuts_of(store, group="author").counts["shortcuts"] > 0
    assert n_alone >= 4
    assert n_known <= 1


def test_lengths_of_authors_are_no_shortcut(tmp_path: Path) -> None:
    rng, made = np.random.default_rng(11), []
    for author in range(30):
        length = int(rng.integers(10, 80))
        for _ in range(10):
            about = {"side": "ab"[author % 2], "author": author}
            made.append(Made(vocabulary(rng, length), set(), about))
    for _ in range(100):
        made.append(Made(vocabulary(rng, 30), set(), {"side": "a", "author": "many"}))
    store = write(tmp_path / "s", made)
    lengths = [one for one in shortcuts_of(store).shortcuts if one.nature == "length"]
    known = [one for one in shortcuts_of(store, group="author").shortcuts if one.nature == "length"]
    assert len(lengths) >= len(known)
    assert not known


def test_pairs_of_few_authors_are_no_pairs_and_prompts_are_suggested(tmp_path: Path) -> None:
    """Each of 60 prompts has topics of its own, in all six answers to it."""
    rng, made = np.random.default_rng(12), []
    for prompt in range(60):
        topics = set(np.flatnonzero(rng.random(24) < 0.05).tolist())
        for model in range(6):
            has = topics | ({24, 25} if rng.random() < 0.12 else set())
            made.append(Made(vocabulary(rng, 20), has, {"prompt": prompt, "model": model}))
    store = write(tmp_path / "s", made)
    alone = correlate(store, settings=CorrelateSettings(rename=False))
    known = correlate(store, group="prompt", settings=CorrelateSettings(rename=False))
    pairs = [{(one.feature_a, one.feature_b) for one in found.findings} for found in (alone, known)]
    assert alone.suggested_group == "prompt"
    assert (24, 25) in pairs[1]
    assert pairs[1] < pairs[0]
    assert known.suggested_group is None

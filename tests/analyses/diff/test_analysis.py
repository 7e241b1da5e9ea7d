"""`diff` finds what was planted, and nothing where nothing was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.diff.analysis import diff
from corpuscope.analyses.diff.result import DiffResult
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, record, write

CERTAIN, RARE, LONG = 7, 20, 25


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """600 documents in 300 pairs; the new model has feature 7 and its word more often."""
    labels = {CERTAIN: "certainty", RARE: "doubt"}
    return write(tmp_path_factory.mktemp("planted") / "planted.scope", pairs(), labels=labels)


def pairs(n: int = 600, seed: int = 1) -> list[Made]:
    rng = np.random.default_rng(seed)
    made = noise(rng, n)
    for number, document in enumerate(made):
        is_new = number % 2 == 1
        document.metadata = {
            "model": "new" if is_new else "old",
            "prompt": number // 2,
            "third": "abc"[number % 3],
            "year": 2019 + number % 2,
        }
        document.features -= {CERTAIN, RARE}
        if rng.random() < (0.3 if is_new else 0.1):
            document.features.add(CERTAIN)
            document.words[3] = "certainly"
        if rng.random() < (0.1 if is_new else 0.4):
            document.features.add(RARE)
    return made


def by_feature(found: DiffResult) -> dict[int | str, Any]:
    return {finding.feature: finding for finding in found.findings}


def test_a_planted_difference_is_found_with_its_rates(planted: Store) -> None:
    found = diff(planted, by="model", target="new")
    (doubt, certainly) = found.findings
    assert doubt.feature == RARE
    assert doubt.label == "doubt"
    assert doubt.kind == "sentence"
    assert doubt.rates == {"new": doubt.rate_target, "old": doubt.rate_reference}
    assert doubt.difference == pytest.approx(-0.3, abs=0.06)
    assert doubt.interval[0] < doubt.difference < doubt.interval[1] < 0
    assert doubt.adjusted_difference == pytest.approx(doubt.difference, abs=0.02)
    assert doubt.z < 0 < certainly.z
    assert doubt.q_value < 0.001
    assert doubt.replicated
    assert (doubt.n_target, doubt.n_reference) == (300, 300)
    assert found.n_documents == 600


def test_the_whole_difference_lies_between_those_of_the_halves(planted: Store) -> None:
    for finding in diff(planted, by="model", target="new").findings:
        halves = sorted([finding.discovery_difference, finding.holdout_difference])
        assert halves[0] <= finding.difference <= halves[1]


def test_what_a_word_says_as_well_is_said_by_the_word(planted: Store) -> None:
    certainly = by_feature(diff(planted, by="model", target="new"))["certainly"]
    assert certainly.kind == "word"
    assert certainly.label == '"certainly"'
    assert [(m.feature, m.label) for m in certainly.members] == [(CERTAIN, "certainty")]


def test_features_or_words_can_be_asked_alone(planted: Store) -> None:
    only_features = diff(
        planted, by="model", target="new", settings=ComparisonSettings(words=False)
    )
    assert set(by_feature(only_features)) == {RARE, CERTAIN}
    only_words = diff(
        planted, by="model", target="new", settings=ComparisonSettings(features=False)
    )
    assert set(by_feature(only_words)) == {"certainly"}
    assert (
        diff(
            planted,
            by="model",
            target="new",
            settings=ComparisonSettings(features=False, words=False),
        ).findings
        == ()
    )


def test_pairs_find_it_too_and_stand_side_by_side(planted: Store) -> None:
    found = diff(planted, by="model", target="new", pair="prompt")
    assert set(by_feature(found)) == {RARE, "certainly"}
    at = [finding.feature for finding in found.findings].index("certainly")
    for target, reference in found.pairs(at):
        assert (target.side, reference.side) == ("target", "reference")
        assert int(target.id[1:]) // 2 == int(reference.id[1:]) // 2
        assert "certainly" in target.text
        assert "certainly" not in reference.text
        assert reference.spans == ()
    at = 1 - at
    for target, reference in found.pairs(at):
        assert (target.strength, target.spans) == (0.0, ())
        assert reference.strength > 0


def test_pairs_of_an_unpaired_answer_are_refused(planted: Store) -> None:
    with pytest.raises(Exception, match="not compared in pairs"):
        diff(planted, by="model", target="new").pairs(0)


def test_evidence_shows_the_feature_on_each_side_strongest_first(planted: Store) -> None:
    found = diff(planted, by="model", target="new", settings=ComparisonSettings(evidence=3))
    for number, finding in enumerate(found.findings):
        shown = found.evidence(number)
        assert [evidence.side for evidence in shown] == ["target"] * 3 + ["reference"] * 3
        assert len({evidence.text for evidence in shown}) == 6
        for side in (shown[:3], shown[3:]):
            strengths = [evidence.strength for evidence in side]
            assert strengths == sorted(strengths, reverse=True)
        for evidence in shown:
            ((start, end), *_) = evidence.spans
            if finding.feature == "certainly":
                assert evidence.text[start:end] == "certainly"
            else:
                assert (start, end) == (0, len(evidence.text))


def test_nearly_equal_texts_are_shown_once(tmp_path: Path) -> None:
    made = pairs()
    for number, document in enumerate(made):
        if CERTAIN in document.features:
            document.words = [*[f"same{'abcdefghijklmnopqrs'[i]}" for i in range(19)], f"{number}"]
    found = diff(
        write(tmp_path / "s", made),
        by="model",
        target="new",
        settings=ComparisonSettings(words=False, count_copies=True),
    )
    at = [finding.feature for finding in found.findings].index(CERTAIN)
    assert [evidence.side for evidence in found.evidence(at)] == ["target", "reference"]


def test_swapping_the_sides_flips_the_signs(planted: Store) -> None:
    there = by_feature(diff(planted, by="model", target="new"))
    back = by_feature(diff(planted, by="model", target="old"))
    assert set(there) == set(back)
    for name, finding in there.items():
        other = back[name]
        assert finding.difference == pytest.approx(-other.difference)
        assert finding.interval == pytest.approx((-other.interval[1], -other.interval[0]))
        assert finding.p_value == pytest.approx(other.p_value)
        assert finding.adjusted_difference == pytest.approx(-other.adjusted_difference)


@pytest.mark.parametrize("pair", [None, "prompt"])
def test_the_order_of_the_documents_does_not_matter(tmp_path: Path, pair: str | None) -> None:
    made = pairs()
    ids = [f"d{number}" for number in range(len(made))]
    order = np.random.default_rng(4).permutation(len(made))
    one = write(tmp_path / "one", made, ids=ids)
    other = write(tmp_path / "other", [made[i] for i in order], ids=[ids[i] for i in order])
    kept = [diff(store, by="model", target="new", pair=pair).candidates for store in (one, other)]
    assert kept[0] == kept[1]


def test_the_seed_decides_the_halves_and_nothing_else(planted: Store) -> None:
    ask: Callable[[int], DiffResult] = lambda seed: diff(  # noqa: E731
        planted, by="model", target="new", settings=ComparisonSettings(seed=seed)
    )
    assert ask(3).candidates == ask(3).candidates
    one, other = ask(3).findings[0], ask(4).findings[0]
    assert one.discovery_difference != other.discovery_difference
    assert one.difference == other.difference


def test_a_feature_that_only_follows_length_is_not_reported(tmp_path: Path) -> None:
    """The new model writes twice as much; three features and a word come with the tokens."""
    rng = np.random.default_rng(5)
    made = []
    for number in range(1200):
        is_new = number % 2 == 1
        n_words = int(rng.lognormal(np.log(30 if is_new else 18), 0.4)) + 5
        document = noise(rng, 1, n_words=n_words)[0]
        document.metadata = {"model": "new" if is_new else "old", "prompt": number // 2}
        document.features -= {RARE, LONG, LONG + 1, LONG + 2}
        for feature in (LONG, LONG + 1, LONG + 2):
            if rng.random() < -np.expm1(-0.02 * n_words):
                document.features.add(feature)
        if rng.random() < (0.3 if is_new else 0.1):
            document.features.add(RARE)
        made.append(document)
    store = write(tmp_path / "s", made)
    for pair in (None, "prompt"):
        raw = by_feature(
            diff(
                store,
                by="model",
                target="new",
                pair=pair,
                adjust=False,
                settings=ComparisonSettings(rename=False),
            )
        )
        assert {LONG, LONG + 1, LONG + 2, RARE} <= set(raw)
        assert len(raw) > 10
        found = by_feature(
            diff(
                store,
                by="model",
                target="new",
                pair=pair,
                settings=ComparisonSettings(rename=False),
            )
        )
        assert set(found) == {RARE}


def test_pairs_of_one_ratio_of_lengths_are_warned_of(tmp_path: Path) -> None:
    """The new model writes twice as much, give or take a tenth: length and model are one."""
    rng = np.random.default_rng(5)
    made, size = [], 0
    for number in range(600):
        is_new = number % 2 == 1
        size = round(size * rng.uniform(1.8, 2.2)) if is_new else int(rng.integers(10, 40))
        document = noise(rng, 1, n_words=size)[0]
        document.metadata = {"model": "new" if is_new else "old", "prompt": number // 2}
        made.append(document)
    store = write(tmp_path / "s", made)
    (told,) = diff(
        store, by="model", target="new", pair="prompt", settings=ComparisonSettings(rename=False)
    ).warnings
    assert "length ratio of pairs" in told
    assert not diff(
        store, by="model", target="new", settings=ComparisonSettings(rename=False)
    ).warnings
    assert not diff(
        store,
        by="model",
        target="new",
        pair="prompt",
        adjust=False,
        settings=ComparisonSettings(rename=False),
    ).warnings


def test_a_stratum_explains_what_it_explains(tmp_path: Path) -> None:
    """Letters ask for feature 7, and the new model writes letters."""
    rng = np.random.default_rng(6)
    made = noise(rng, 800)
    for number, document in enumerate(made):
        is_new = number % 2 == 1
        is_letter = rng.random() < (0.7 if is_new else 0.3)
        document.metadata = {"model": "new" if is_new else "old", "letter": is_letter}
        document.features.discard(CERTAIN)
        if rng.random() < (0.6 if is_letter else 0.1):
            document.features.add(CERTAIN)
    store = write(tmp_path / "s", made)
    assert set(by_feature(diff(store, by="model", target="new"))) == {CERTAIN}
    assert not diff(store, by="model", target="new", strata=["letter"]).findings


def test_with_three_groups_the_target_must_exceed_each(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    made = noise(rng, 900)
    rates = {CERTAIN: {"a": 0.4, "b": 0.1, "c": 0.2}, RARE: {"a": 0.4, "b": 0.1, "c": 0.4}}
    for number, document in enumerate(made):
        group = "abc"[number % 3]
        document.metadata = {"group": group, "key": number // 3}
        for feature, rate in rates.items():
            document.features.discard(feature)
            if rng.random() < rate[group]:
                document.features.add(feature)
    store = write(tmp_path / "s", made)
    for pair in (None, "key"):
        found = by_feature(
            diff(
                store, by="group", target="a", pair=pair, settings=ComparisonSettings(rename=False)
            )
        )
        assert set(found) == {CERTAIN}
        assert found[CERTAIN].against == "c"
        assert found[CERTAIN].rates == pytest.approx(rates[CERTAIN], abs=0.06)
        assert found[CERTAIN].difference == pytest.approx(0.2, abs=0.08)
        against_b = by_feature(
            diff(
                store,
                by="group",
                target="a",
                reference="b",
                pair=pair,
                settings=ComparisonSettings(rename=False),
            )
        )
        assert set(against_b) == {CERTAIN, RARE}
    below = by_feature(
        diff(store, by="group", target="b", settings=ComparisonSettings(rename=False))
    )
    assert below[RARE].z < 0
    assert below[RARE].against in {"a", "c"}


def test_narrow_features_of_one_kind_of_text_make_one_finding(tmp_path: Path) -> None:
    """A tenth of the new documents are letters; each of six features sees a third of these."""
    rng = np.random.default_rng(8)
    made = noise(rng, 2000)
    narrow = range(20, 26)
    for number, document in enumerate(made):
        is_new = number % 2 == 1
        document.metadata = {"model": "new" if is_new else "old"}
        document.features -= set(narrow)
        is_letter = is_new and rng.random() < 0.12
        for feature in narrow:
            if rng.random() < (0.4 if is_letter else 0.005):
                document.features.add(feature)
    (found,) = diff(write(tmp_path / "s", made), by="model", target="new").findings
    assert {found.feature, *(member.feature for member in found.members)} == set(narrow)


@pytest.mark.parametrize("pair", [None, "key"])
def test_random_halves_of_one_corpus_do_not_differ(tmp_path: Path, pair: str | None) -> None:
    rng = np.random.default_rng(9)
    made = noise(rng, 300)
    for number, document in enumerate(made):
        document.metadata["key"] = number // 2
    for world in range(40):
        swapped = rng.random(len(made) // 2) < 0.5
        for number, document in enumerate(made):
            document.metadata[f"half{world}"] = str(int(swapped[number // 2]) ^ (number % 2))
    store = write(tmp_path / "s", made)
    answers = [
        diff(
            store,
            by=f"half{world}",
            target="1",
            pair=pair,
            settings=ComparisonSettings(seed=world, rename=False),
        )
        for world in range(40)
    ]
    assert sum(bool(found.findings) for found in answers) <= 2
    assert sum(bool(found.at(q=0.999).findings) for found in answers) > 2


def test_values_compare_as_strings(planted: Store) -> None:
    assert diff(planted, by="year", target="2020").references == ("2019",)


def test_without_a_target_the_second_group_is_taken_and_said(planted: Store) -> None:
    found = diff(planted, by="model")
    assert found.target == "old"
    assert any("'old' against ['new']" in warning for warning in found.warnings)
    assert diff(planted, by="model", reference="old").target == "new"


def test_documents_without_a_group_or_a_partner_are_left_out_and_counted(tmp_path: Path) -> None:
    made = pairs()
    for document in made[:10]:
        document.metadata["model"] = None
    made[11].metadata["prompt"] = None
    store = write(tmp_path / "s", made)
    unpaired = diff(store, by="model", target="new")
    assert unpaired.n_documents == 590
    assert "10 documents without 'model' were left out" in unpaired.warnings
    paired = diff(store, by="model", target="new", pair="prompt")
    assert paired.n_documents == 588
    assert sum("without a partner" in warning for warning in paired.warnings) == 2


def test_two_stores_are_compared_by_their_folders(tmp_path: Path) -> None:
    made = pairs()
    old = write(tmp_path / "old", made[::2])
    new = write(tmp_path / "new", made[1::2], ids=[f"n{i}" for i in range(300)])
    kept_together = write(tmp_path / "both", made)
    found = diff([old, new], target="new", settings=ComparisonSettings(rename=False))
    alone = diff(kept_together, by="model", target="new", settings=ComparisonSettings(rename=False))
    assert found.references == ("old",)
    assert by_feature(found).keys() == by_feature(alone).keys()
    for name, finding in by_feature(alone).items():
        assert by_feature(found)[name].difference == finding.difference
    paired = diff(
        [old, new], target="new", pair="prompt", settings=ComparisonSettings(rename=False)
    )
    assert len(paired.pairs(0)) == 5
    assert {shown.side for shown in paired.evidence(1)} == {"target", "reference"}


def test_another_bar_needs_no_new_computation(planted: Store) -> None:
    found = diff(planted, by="model", target="new")
    loose, strict = found.at(q=0.9), found.at(q=1e-12)
    assert len(strict) < len(found) <= len(loose)
    assert loose.parameters["q"] == loose.q == 0.9
    assert loose.candidates is found.candidates
    assert (
        len(diff(planted, by="model", target="new", settings=ComparisonSettings(max_findings=1)))
        == 1
    )


def test_what_an_answer_holds_but_does_not_show_is_told_by_it(planted: Store) -> None:
    shown = diff(planted, by="model", target="new", settings=ComparisonSettings(max_findings=1))
    everything = diff(
        planted, by="model", target="new", settings=ComparisonSettings(max_findings=None)
    )
    assert len(everything) > 1
    assert len(everything.without(shown)) == 0
    assert len(everything.without(shown.at(q=1e-300))) == len(everything)


def test_nothing_found_says_what_could_have_been(tmp_path: Path) -> None:
    made = noise(np.random.default_rng(10), 80)
    for number, document in enumerate(made):
        document.metadata["half"] = number % 2
    found = diff(write(tmp_path / "s", made), by="half")
    assert found.findings == ()
    assert 0.3 < found.smallest_detectable < 0.8
    assert list(found.to_frame().columns)[:3] == ["feature", "kind", "label"]


@pytest.mark.parametrize("pair", [None, "pair"])
def test_what_could_have_been_found_is_found_four_times_in_five(
    tmp_path: Path, pair: str | None
) -> None:
    """By the whole rule: differences of that size, planted in other documents, one in each run."""

    def made(seed: int, difference: float) -> list[Made]:
        rng = np.random.default_rng(seed)
        documents = noise(rng, 240)
        for number, document in enumerate(documents):
            document.metadata = {"half": number % 2, "pair": number // 2}
            document.features.discard(3)
            if rng.random() < 0.1 + difference * (number % 2):
                document.features.add(3)
        return documents

    def asked(name: str, documents: list[Made]) -> DiffResult:
        store = write(tmp_path / name, documents)
        return diff(
            store, by="half", pair=pair, settings=ComparisonSettings(words=False, rename=False)
        )

    difference = asked("s", made(0, 0.0)).smallest_detectable
    found = [3 in by_feature(asked(f"{run}", made(run, difference))) for run in range(1, 26)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.2)


def test_few_documents_say_what_they_can_tell(tmp_path: Path) -> None:
    rng = np.random.default_rng(13)

    def asked(n: int) -> tuple[str, ...]:
        documents = noise(rng, n)
        for number, document in enumerate(documents):
            document.metadata["half"] = number % 2
        return diff(
            write(tmp_path / f"{n}", documents),
            by="half",
            settings=ComparisonSettings(min_support=5),
        ).warnings

    assert any("no feature was tested: with 10 documents" in told for told in asked(10))
    assert any("low power with 36 documents" in told for told in asked(36))
    assert not any("low power" in told for told in asked(80))


def test_json_has_the_fixed_names(planted: Store) -> None:
    found = diff(planted, by="model", target="new", pair="prompt")
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    fixed = {"analysis", "version", "store", "parameters", "n_documents", "warnings", "findings"}
    assert fixed <= set(answer)
    assert answer["analysis"] == "diff"
    assert answer["parameters"]["pair"] == "prompt"
    names = {
        *("feature", "kind", "label", "members", "rate_target", "rate_reference", "difference"),
        *("interval", "adjusted_difference", "adjusted_interval", "p_value", "q_value"),
        *("n_target", "n_reference", "replicated", "evidence"),
    }
    for finding in answer["findings"]:
        assert names <= set(finding)
        assert len(finding["interval"]) == len(finding["adjusted_interval"]) == 2
        for evidence in finding["evidence"]:
            assert set(evidence) == {"id", "text", "side", "spans", "strength"}
    assert diff(planted, by="model", target="new", pair="prompt").to_json() == found.to_json()


def test_the_frame_has_a_row_for_each_finding(planted: Store) -> None:
    found = diff(planted, by="model", target="new")
    frame = found.to_frame()
    assert frame["feature"].tolist() == [finding.feature for finding in found.findings]
    assert frame["lower"].tolist() == [finding.interval[0] for finding in found.findings]
    assert frame["n_members"].tolist() == [len(finding.members) for finding in found.findings]


def test_the_plot_has_a_row_for_each_finding(planted: Store) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    found = diff(planted, by="model", target="new")
    axes = found.plot()
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == ["doubt", '"certainly" (+1)']
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    _, own = plt.subplots()
    assert found.plot(own, n=1) is own
    assert len(own.get_yticks()) == 1
    assert found.at(q=1e-12).at(q=1e-300).plot() is not None
    plt.close("all")


def test_a_text_that_is_there_twice_stays_in_one_half(tmp_path: Path) -> None:
    from corpuscope.analyses.comparison.groups import as_names, find_groups
    from corpuscope.analyses.comparison.holdout import split
    from corpuscope.duplicates.numbering import text_numbers
    from corpuscope.labels.named_store import NamedStore

    made = pairs(200)
    for number in range(0, 100, 2):
        made[number + 100].words = made[number].words
    source = NamedStore(write(tmp_path / "s", made))
    groups = find_groups(as_names(source.column("model")), by="model", target="new", reference=None)
    texts = text_numbers(source)
    groups = groups.counting(np.ones(200, dtype=bool), texts=texts, clusters=None)
    first, second = split(
        source, groups.rows, groups.codes, groups.kept_together, share=0.5, seed=0
    )
    assert np.array_equal(first, ~second)
    for number in range(0, 100, 2):
        assert first[number] == first[number + 100]
    is_new = source.column("model") == "new"
    for side in (is_new, ~is_new):
        assert first[side].sum() == pytest.approx(50, abs=2)


def test_worlds_are_what_they_say() -> None:
    made = Made(["so", "what"], {3})
    entry = record("d", made)
    assert entry.token_spans.tolist() == [[0, 2], [3, 7]]

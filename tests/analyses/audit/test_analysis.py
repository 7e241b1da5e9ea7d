"""Planted faults are found where they are, and told with their texts; clean data has none."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope import audit
from corpuscope.analyses.audit.settings import AuditSettings
from corpuscope.errors import ColumnNotFound, CorpuscopeError, InputError, NotEnoughData
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, write
from tests.asking import ask

TOPIC = (3, 4, 5)
MARK = 14


def worlds_texts(rng: np.random.Generator, n: int = 400) -> list[Made]:
    """Cats at home, which have three features and words of their own, wild cats, and dogs."""
    made = noise(rng, n, n_words=24)
    words = {
        "home": ["purr", "sofa", "kitten", "basket", "meow", "litter"],
        "wild": ["jungle", "prey", "stripe", "hunter", "roar", "savanna"],
    }
    for number, document in enumerate(made):
        kind = ("home", "dog", "wild", "dog")[number % 4]
        document.metadata = {
            "label": "dog" if kind == "dog" else "cat",
            "split": "test" if number % 5 == 0 else "train",
        }
        document.features -= {*TOPIC, MARK}
        if kind == "home":
            document.features |= {f for f in TOPIC if rng.random() < 0.8}
        if kind != "dog":
            own = rng.choice(words[kind], 4, replace=False)
            for word, at in zip(own, rng.choice(np.arange(10, 24), 4, replace=False), strict=True):
                document.words[at] = str(word)
    return made


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """With a mark in 30 % of the cats, ten wrong labels, a copy in the other split, a conflict."""
    rng = np.random.default_rng(0)
    made = worlds_texts(rng)
    for document in made[::2]:
        if rng.random() < 0.3:
            document.words.append("zzqx")
            document.features.add(MARK)
            document.peaks[MARK] = len(document.words) - 1
    for document in made[0:20:2]:
        document.metadata["label"] = "dog"
    leaked = Made(list(made[40].words), set(made[40].features), dict(made[40].metadata))
    leaked.metadata["split"] = "train" if made[40].metadata["split"] == "test" else "test"
    conflict = Made(list(made[61].words), set(made[61].features), dict(made[61].metadata))
    conflict.metadata["label"] = "cat"
    rare = Made(["lone"] * 12, set(), {"label": "bird", "split": "train"})
    return write(tmp_path_factory.mktemp("audit") / "s", [*made, leaked, conflict, rare])


def test_a_mark_without_company_comes_before_what_the_texts_are_about(faulty: Store) -> None:
    found = audit(faulty, label="label", checks=["shortcuts"], settings=AuditSettings(rename=False))
    first = found.shortcuts[0]
    assert {first.label, *first.members} >= {'"zzqx"'}
    assert (first.value, first.nature) == ("cat", "isolated")
    assert first.context_auroc < 0.65
    assert first.rate == pytest.approx(0.3, abs=0.08)
    assert first.rate_elsewhere < 0.02
    assert first.auroc == pytest.approx(0.5 + (first.rate - first.rate_elsewhere) / 2)
    texts = [one for one in first.evidence if one.spans]
    assert texts
    for one in texts:
        start, end = one.spans[0]
        assert one.text[start:end] == "zzqx"
    about = [one for one in found.shortcuts if f"feature {TOPIC[0]}" in (one.label, *one.members)]
    assert about
    assert all(one.nature == "content" and one.context_auroc > 0.8 for one in about)
    assert found.suspect_labels == found.duplicates == ()


def test_wrong_labels_are_the_first_suspects(faulty: Store) -> None:
    found = audit(
        faulty,
        label="label",
        checks=["suspect_labels"],
        settings=AuditSettings(max_lines=10, rename=False),
    )
    changed = {faulty.ids[row] for row in range(0, 20, 2)}
    named = [line.id for line in found.suspect_labels]
    assert len(changed & set(named)) >= 9
    line = next(line for line in found.suspect_labels if line.id in changed)
    assert (line.given, line.instead) == ("dog", "cat")
    assert 0.5 < line.score <= 1
    assert "predicted 'cat'" in line.reason
    assert line.evidence[0].id == line.id


def test_labels_that_texts_do_not_tell_have_no_suspects_but_a_warning(faulty: Store) -> None:
    for seed in range(5):
        drawn = np.random.default_rng(seed).choice(["a", "b", "c"], faulty.n_documents)
        found = audit(
            faulty,
            label=drawn.astype(object),
            checks=["suspect_labels"],
            settings=AuditSettings(rename=False),
        )
        assert found.suspect_labels == ()
        assert any("cannot be predicted" in one for one in found.warnings)


def test_copies_leaks_and_contradictions_are_told(faulty: Store) -> None:
    found = audit(faulty, label="label", split="split", checks=["duplicates", "leaks"])
    copies = {(line.id, line.others[0]): line for line in found.duplicates}
    leaked, conflict = ("400", "40"), ("401", "61")
    ids = faulty.ids
    pairs = {(str(ids[int(a)]), str(ids[int(b)])) for a, b in (leaked, conflict)}
    assert set(copies) == pairs
    assert "labels 'cat' and 'dog'" in found.duplicates[0].reason
    (leak,) = found.leaks
    assert leak.id == ids[400]
    assert "in 'train' and in 'test'" in leak.reason or "in 'test' and in 'train'" in leak.reason


def test_a_passage_that_many_share_is_told_with_its_class(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    made = noise(rng, 200)
    for number, document in enumerate(made):
        document.metadata["label"] = "ab"[number % 2]
        if number % 4 == 0:
            passage = ["please", "read", "all", "of", "the", "following", "text", "first"]
            document.words[5:5] = passage
    (line,) = audit(write(tmp_path / "s", made), label="label", checks=["templates"]).templates
    # A word at either end may be missing: of a passage only some stretches are kept.
    assert "read all of the following" in line.id
    assert line.id in "please read all of the following text first"
    assert line.score == 0.25
    assert "in 50.0% of 'a', in 0.0% of the rest" in line.reason
    for one in line.evidence:
        start, end = one.spans[0]
        assert "all of the following" in one.text[start:end]


def test_classes_too_small_to_trust_are_told(faulty: Store) -> None:
    (line,) = audit(faulty, label="label", checks=["small_groups"]).small_groups
    assert (line.id, line.score) == ("bird", 1.0)


def test_shuffled_labels_give_nothing_away(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    store = write(tmp_path / "s", noise(rng, 300))
    reporting = 0
    for _ in range(20):
        labels = rng.permutation(np.repeat(["a", "b"], 150)).astype(object)
        found = audit(
            store,
            label=labels,
            checks=["shortcuts"],
            settings=AuditSettings(evidence=0, rename=False),
        )
        reporting += bool(found.shortcuts)
    assert reporting <= 3


def test_lengths_that_tell_the_class_are_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    made = [*noise(rng, 150, n_words=30), *noise(rng, 150, n_words=20)]
    for number, document in enumerate(made):
        document.metadata["label"] = "long" if number < 150 else "short"
    found = audit(
        write(tmp_path / "s", made),
        label="label",
        checks=["shortcuts"],
        settings=AuditSettings(rename=False),
    )
    line = next(one for one in found.shortcuts if one.feature == "length")
    assert (line.nature, line.rate, line.rate_elsewhere) == ("length", 20, 30)
    assert line.auroc == 0
    assert len(line.evidence) == 2


def words_within(rng: np.random.Generator, n: int, n_characters: int) -> Made:
    """Some words, cut in the middle of one if they are longer."""
    (made,) = noise(rng, 1, n_words=n)
    text = " ".join(made.words)[:n_characters]
    return Made(text.rstrip().split(" "), made.features)


def test_texts_that_were_cut_are_told_with_the_length_they_were_cut_at(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    made = [words_within(rng, int(n), 500) for n in rng.integers(20, 60, size=400)]
    cut = [words_within(rng, 70, 150) for _ in range(40)]
    cut = [one for one in cut if len(" ".join(one.words)) == 150]
    made = [*made, *cut]
    for number, document in enumerate(made):
        document.metadata["label"] = "cut" if number % 2 or number >= 400 else "whole"
    store = write(tmp_path / "s", made)
    found = audit(store, label="label", checks=["shortcuts"], settings=AuditSettings(rename=False))
    line = next(one for one in found.shortcuts if str(one.feature).startswith("length "))
    assert (line.feature, line.label) == ("length 150", "texts of exactly 150 characters")
    assert (line.value, line.nature) == ("cut", "form")
    assert line.rate > 0.08 > 0.02 > line.rate_elsewhere
    assert {len(shown.text) for shown in line.evidence} == {150}

    # Copies of one text are of one length, and not cut.
    same = [*made[:400], *[Made(cut[0].words, set(), {"label": "cut"}) for _ in range(30)]]
    found = audit(
        write(tmp_path / "t", same),
        label="label",
        checks=["shortcuts"],
        settings=AuditSettings(rename=False),
    )
    assert not any(str(one.feature).startswith("length ") for one in found.shortcuts)


def test_without_labels_copies_and_oddities_remain(faulty: Store) -> None:
    found = audit(faulty, settings=AuditSettings(evidence=0))
    assert found.shortcuts == found.suspect_labels == found.leaks == ()
    assert len(found.duplicates) == 2
    assert found.n_documents == faulty.n_documents


def test_the_answer_is_json_a_table_a_report_and_a_picture(faulty: Store) -> None:
    found = audit(
        faulty, label="label", split="split", settings=AuditSettings(rename=False, max_lines=3)
    )
    told = found.to_json()
    assert told["analysis"] == "audit"
    for check in ("shortcuts", "suspect_labels", "duplicates", "leaks", "oddities"):
        for line in told[check]:
            assert {"score", "reason", "evidence", "next_step"} <= set(line)
    assert told["shortcuts"][0]["feature"] in (MARK, "zzqx")
    assert 3 < told["counts"]["suspect_labels"] < 20
    assert len(found.to_frame()) == len(found)
    report = found.to_markdown()
    assert report.startswith("# Audit of ")
    assert "## Suspect labels" in report
    assert "zzqx" in report
    assert found.plot().get_xlabel().startswith("context predictability")


def test_the_same_question_has_the_same_answer(faulty: Store) -> None:
    one, two = (
        audit(faulty, label="label", settings=AuditSettings(rename=False)).to_json()
        for _ in range(2)
    )
    assert one == two


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"label": "topic"}, ColumnNotFound, "topic"),
        ({"label": "label", "split": "part"}, ColumnNotFound, "part"),
        ({"label": "label", "checks": ["spelling"]}, InputError, "checks is 'spelling'"),
        ({"label": "label", "folds": 1}, InputError, "folds is 1"),
        ({"label": "label", "q": 2.0}, InputError, "q is 2"),
        ({"label": "label", "folds": 300}, NotEnoughData, "300"),
        ({"label": ["a", "b"]}, InputError, "2 group values"),
    ],
)
def test_what_cannot_be_is_told(
    options: dict[str, object], error: type[CorpuscopeError], message: str, faulty: Store
) -> None:
    with pytest.raises(error, match=message):
        ask(audit, faulty, **options)  # type: ignore[arg-type]


def test_one_label_only_is_told(faulty: Store) -> None:
    labels = np.full(faulty.n_documents, "a", dtype=object)
    with pytest.raises(NotEnoughData, match="1 label"):
        audit(faulty, label=labels)


def test_documents_without_a_label_are_left_out_and_counted(faulty: Store) -> None:
    labels = faulty.column("label").astype(object)
    labels[100:110] = None
    found = audit(
        faulty, label=labels, checks=["shortcuts"], settings=AuditSettings(rename=False, evidence=0)
    )
    assert found.n_documents == faulty.n_documents - 10
    assert any("10 documents without" in warning for warning in found.warnings)

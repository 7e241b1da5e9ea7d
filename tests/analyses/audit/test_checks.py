"""Each check of an audit by itself: what it finds, how many, and the texts that show it."""

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.audit import checks
from corpuscope.analyses.audit.checks import Checks
from corpuscope.analyses.audit.settings import AuditSettings
from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.errors import NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.similarity.directions import at_length_one
from tests.analyses.worlds import Made, vocabulary, write

N = 60
PASSAGE = str.split("kindly read every line of the following passage before answering")


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """What takes a second to load is no part of a test."""
    import_module("sklearn.linear_model")
    import_module("sklearn.model_selection")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Documents of two topics in turn; the last repeats document 1, and every fifth a passage.

    The vector of document 33 points elsewhere; 41 is the longest and 51 the shortest.
    """
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((N, PHRASE_WIDTH)) / 40
    made = []
    for i in range(N):
        topic = np.arange(8) + 8 * (i % 2)
        vectors[i, i % 2] += 1
        one = Made(
            vocabulary(rng, 24), set(rng.choice(topic, 5, replace=False).tolist()),
            vector=at_length_one(vectors)[i].astype(np.float16),
        )  # fmt: skip
        if i % 5 == 0:
            one.words[4:14] = PASSAGE
        made.append(one)
    made[33].vector = np.eye(PHRASE_WIDTH, dtype=np.float16)[9]
    made[41].words += ["www"] * 20
    made[51].words = made[51].words[:5]
    made[-1] = replace(made[1], metadata={})
    for i, one in enumerate(made):
        one.metadata["author"] = f"a{i // 2}"
    path = tmp_path_factory.mktemp("checks") / "s"
    return NamedStore(write(path, made, labels={3: "three"}, label_source="people"))


def labels_of(*changes: tuple[int, str | None]) -> np.ndarray:
    labels = np.array(["ab"[i % 2] for i in range(N)], dtype=object)
    for row, label in changes:
        labels[row] = label
    return labels


def checks_of(
    source: NamedStore,
    labels: np.ndarray | None = None,
    splits: np.ndarray | None = None,
    group: str | None = None,
    **settings: Any,
) -> Checks:
    return Checks(source, labels, splits, group, AuditSettings(rename=False, **settings))


def test_without_labels_or_splits_there_is_nothing_to_check_them_for(source: NamedStore) -> None:
    bare = checks_of(source)
    assert bare.shortcuts(0.05) == bare.suspect_labels(3) == bare.small_groups(3) == ([], 0)
    assert bare.leaks() == ([], 0)
    assert bare.rows.tolist() == list(range(N))


def test_documents_without_a_label_are_left_out_and_warned_of(source: NamedStore) -> None:
    checked = checks_of(source, labels_of((3, None), (7, None)))
    checked.check_labels("mood")
    assert set(range(N)) - set(checked.rows.tolist()) == {3, 7}
    (warning,) = checked.warnings
    assert "2" in warning
    assert "mood" in warning


@pytest.mark.parametrize("labels", [["a"] * N, [None] * N, ["a"] * 30 + [None] * 30])
def test_fewer_than_two_labels_are_refused(source: NamedStore, labels: list[Any]) -> None:
    with pytest.raises(NotEnoughData, match="mood") as caught:
        checks_of(source, np.array(labels, dtype=object)).check_labels("mood")
    assert caught.value.expected
    assert caught.value.next_step


def test_duplicates_name_both_documents_and_show_both_texts(source: NamedStore) -> None:
    lines, n = checks_of(source).duplicates()
    assert n == len(lines) == 1
    (line,) = lines
    assert (line.id, line.others, line.score) == ("d59", ("d1",), 1)
    assert "d1" in line.reason
    assert [one.id for one in line.evidence] == ["d59", "d1"]
    assert line.evidence[0].text == line.evidence[1].text == source.texts([1])[0]


@pytest.fixture(scope="module")
def three_pairs(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Documents 0 to 2 and again, the first of the copies with two words changed."""
    rng = np.random.default_rng(1)
    made = [Made(vocabulary(rng, 30), {i}) for i in range(3)]
    made += [Made(list(one.words), set(one.features)) for one in made]
    made[3].words[28:] = ["quite", "changed"]
    return NamedStore(write(tmp_path_factory.mktemp("pairs") / "s", made))


def test_pairs_with_different_labels_come_first_then_the_most_alike(
    three_pairs: NamedStore,
) -> None:
    labels = np.array([*"aaaaab"], dtype=object)
    lines, n = checks_of(three_pairs, labels).duplicates()
    assert [line.id for line in lines] == ["d5", "d4", "d3"]
    assert "'a'" in lines[0].reason
    assert "'b'" in lines[0].reason
    assert "'a'" not in lines[1].reason
    assert 0.8 <= lines[2].score < 1
    assert f"{lines[2].score:.0%}" in lines[2].reason
    assert "100%" not in lines[1].reason
    shown, n_all = checks_of(three_pairs, labels, max_lines=2, evidence=1).duplicates()
    assert ([line.id for line in shown], n_all) == (["d5", "d4"], n)
    assert [len(line.evidence) for line in shown] == [1, 1]


def test_copies_in_two_splits_are_leaks(three_pairs: NamedStore) -> None:
    splits = np.array(["dev", "dev", None, "test", "dev", "test"], dtype=object)
    lines, n = checks_of(three_pairs, splits=splits).leaks()
    assert [line.id for line in lines] == ["d3"]
    assert n == 1
    assert "'test'" in lines[0].reason
    assert "'dev'" in lines[0].reason
    every = np.array(["dev"] * 3 + ["test"] * 3, dtype=object)
    lines, n = checks_of(three_pairs, splits=every, max_lines=2).leaks()
    assert (len(lines), n) == (2, 3)


def test_documents_without_a_label_are_no_duplicates(three_pairs: NamedStore) -> None:
    labels = np.array(["a", "a", "a", "b", None, "b"], dtype=object)
    lines, _ = checks_of(three_pairs, labels).duplicates()
    assert {line.id for line in lines} == {"d3", "d5"}


def test_a_shared_passage_is_told_with_its_share_and_its_class(source: NamedStore) -> None:
    labels = np.array(["a" if i % 10 == 0 else "b" for i in range(N)], dtype=object)
    (line,), n = checks_of(source, labels, evidence=3).templates()
    assert n == 1
    assert "line of the following passage" in line.id
    # 12 of 59 different texts: all 6 of class a, and 6 of the 53 others.
    assert line.score == pytest.approx(12 / 59)
    assert "12" in line.reason
    assert "100.0%" in line.reason
    assert "'a'" in line.reason
    # Rates are of all texts, the copy included.
    assert f"{6 / 54:.1%}" in line.reason
    assert len(line.evidence) == 3
    for one in line.evidence:
        ((start, end),) = one.spans
        assert " ".join(one.text[start:end].split()) == line.id
    (bare,), _ = checks_of(source).templates()
    assert "'a'" not in bare.reason


def test_a_document_unlike_all_others_is_odd(source: NamedStore) -> None:
    lines, n = checks_of(source).oddities()
    assert n == len(lines) >= 1
    assert lines[0].id == "d33"
    assert lines[0].score >= 4
    assert lines[0].evidence[0].text == source.texts([33])[0]
    without = labels_of((33, None))
    assert "d33" not in [line.id for line in checks_of(source, without).oddities()[0]]
    assert checks_of(source, evidence=0).oddities()[0][0].evidence == ()


def test_small_classes_are_told_smallest_first_with_their_margin(source: NamedStore) -> None:
    sizes = {"a": 4, "b": 16, "c": 19, "d": 20}
    labels = np.array([name for name, n in sizes.items() for _ in range(n)] + [None], dtype=object)
    lines, n = checks_of(source, labels).small_groups(5)
    assert [(line.id, line.score) for line in lines] == [("a", 4.0), ("b", 16.0), ("c", 19.0)]
    assert n == 3
    # 1.96 times the error of a share of one half.
    assert "49" in lines[0].reason
    assert "24" in lines[1].reason
    assert len(checks_of(source, labels).small_groups(21)[0]) == 4
    shown, n = checks_of(source, labels, max_lines=1).small_groups(5)
    assert ([line.id for line in shown], n) == (["a"], 3)


def test_planted_label_errors_are_told_with_a_text(source: NamedStore) -> None:
    checked = checks_of(source, labels_of((10, "b"), (25, "a"), (3, None)))
    lines, n = checked.suspect_labels(3)
    assert {line.id for line in lines} <= {"d10", "d25", "d33"}
    assert n == len(lines) >= 1
    first = next(line for line in lines if line.id != "d33")
    assert {first.given, first.instead} == {"a", "b"}
    assert 0.5 < first.score < 1
    assert first.evidence[0].id == first.id
    assert len(checked.warnings) == 1


def test_classes_with_fewer_documents_than_folds_are_left_out(source: NamedStore) -> None:
    labels = labels_of((2, "c"), (4, "c"))
    lines, _ = checks_of(source, labels, evidence=0).suspect_labels(3)
    assert not {line.id for line in lines} & {"d2", "d4"}
    assert "c" not in {line.instead for line in lines}
    assert all(line.evidence == () for line in lines)
    with pytest.raises(NotEnoughData, match="31") as caught:
        checks_of(source, labels).suspect_labels(31)
    assert "31" in caught.value.expected


def test_folds_keep_copies_and_authors_together(
    source: NamedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Seen(Exception):
        pass

    def look(*args: object, groups: np.ndarray, **more: object) -> None:
        raise Seen(groups)

    monkeypatch.setattr(checks, "predicted", look)

    def groups(group: str | None) -> list[int]:
        with pytest.raises(Seen) as caught:
            checks_of(source, labels_of(), group=group).suspect_labels(3)
        found: list[int] = caught.value.args[0].tolist()
        return found

    alone, of_author = groups(None), groups("author")
    assert alone[1] == alone[59]
    assert len(set(alone)) == N - 1
    # The copy joins its author's other document to those of the author it is a copy of.
    assert len({of_author[row] for row in (0, 1, 58, 59)}) == 1
    assert of_author[2] == of_author[3] != of_author[4]


def line(
    feature: int | str, *, z: float = 5.0, sentences: Sequence[tuple[int, int]] = ()
) -> Shortcut:
    return Shortcut("b", feature, "old", (), "content", 0.4, 0.1, 0.6, 0.8, 0.6, z, 0.01,
                    sentences=tuple(sentences))  # fmt: skip


@pytest.fixture
def told(source: NamedStore, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The lines of shortcuts that a search is made to find, for class b of the odd documents."""

    def asked(*found: Shortcut, **settings: Any) -> Any:
        monkeypatch.setattr(checks, "find_shortcuts", lambda *a, **b: (list(found), ["careful"]))
        checked = checks_of(source, labels_of(), **settings)
        lines, n = checked.shortcuts(0.05)
        assert checked.warnings == ["careful"]
        return lines, n

    return asked


def test_shortcuts_are_named_and_counted(told: Any) -> None:
    lines, n = told(line(3), line("length"), line(4), max_lines=2)
    assert n == 3
    assert [(one.feature, one.label) for one in lines] == [(3, "three"), ("length", "old")]
    assert lines[0].reason


def test_a_feature_is_shown_by_texts_of_its_class_that_have_it(
    told: Any, source: NamedStore
) -> None:
    ((one,), _) = told(line(10), evidence=3)
    rows = [int(shown.id[1:]) for shown in one.evidence]
    assert len(rows) == 3
    assert all(row % 2 == 1 for row in rows)
    assert (source.peaks(10, np.array(rows)) >= 0).all()
    assert all(shown.side == "b" for shown in one.evidence)


def test_a_word_is_shown_where_it_stands(told: Any) -> None:
    ((one,), _) = told(line("following"))
    assert len(one.evidence) == 2
    for shown in one.evidence:
        assert int(shown.id[1:]) % 2 == 1
        assert {shown.text[start:end] for start, end in shown.spans} == {"following"}


def test_lengths_are_shown_by_the_longest_or_the_shortest_texts(
    told: Any, source: NamedStore
) -> None:
    (longer, shorter), _ = told(line("length", z=4.0), line("length", z=-4.0), evidence=2)
    rows = np.arange(1, N, 2)
    order = rows[np.argsort(source.n_tokens[rows], kind="stable")]
    assert [one.id for one in longer.evidence] == [f"d{row}" for row in order[::-1][:2]]
    assert [one.id for one in shorter.evidence] == [f"d{row}" for row in order[:2]]


def test_a_length_in_characters_is_shown_by_texts_of_that_length(
    told: Any, source: NamedStore
) -> None:
    n = len(source.texts([7])[0])
    ((one,), _) = told(line(f"length {n}"), evidence=3)
    assert "d7" in [shown.id for shown in one.evidence]
    assert all(len(shown.text) == n and int(shown.id[1:]) % 2 for shown in one.evidence)


def test_a_sentence_cluster_is_shown_by_its_sentences(told: Any) -> None:
    ((one,), _) = told(line("sentences 0", sentences=[(5, 0), (9, 0), (11, 0)]))
    assert [shown.id for shown in one.evidence] == ["d5", "d9"]
    assert all(shown.spans == ((0, len(shown.text)),) for shown in one.evidence)


def test_no_text_is_read_where_none_is_wanted(told: Any) -> None:
    lines, _ = told(line(10), line("length"), line("length 3"), evidence=0)
    assert [one.evidence for one in lines] == [(), (), ()]

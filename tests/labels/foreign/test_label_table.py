import numpy as np

from corpuscope.labels.foreign.label_table import COLUMNS, best_labels, label_table


def best(**columns: object) -> str:
    """The label shown of one feature with labels a, b, c, ..."""
    n = max(len(value) for value in columns.values() if isinstance(value, list))
    table = label_table([7] * n, list("abcdef"[:n]), {"source": "s", **columns})
    return str(best_labels(table)["label"].item())


def test_a_table_has_all_columns_and_a_status() -> None:
    table = label_table([1, 2, 3], ["two\n words", " ", None], {"score": ["0.5", "", None]})
    assert list(table.columns) == list(COLUMNS)
    assert table["label"].tolist() == ["two words", None, None]
    assert table["status"].tolist() == ["ok", "empty", "empty"]
    assert table["feature"].dtype == np.int64
    assert table["score"].tolist()[0] == 0.5
    assert table["author"].tolist() == [None] * 3


def test_the_best_score_is_shown_where_scores_are_of_one_kind() -> None:
    assert best(score=[0.2, 0.9, None], score_kind="detection") == "b"
    # A fuzzing score of .9 is no better than a detection score of .8.
    assert best(score=[0.8, 0.9], score_kind=["detection", "fuzzing"]) == "a"


def test_then_the_method_then_the_date_then_the_order() -> None:
    assert best(method=["oai_token-act-pair", "np_max-act", None]) == "b"
    assert best(created_at=["2024-01-02T00:00:00Z", "2025-01-02T00:00:00.5Z", "no date"]) == "b"
    assert best(method=[None, None]) == "a"


def test_only_labels_are_shown_and_people_come_first() -> None:
    table = label_table([1, 1, 2, 3], ["", "a", None, "b"])
    assert best_labels(table)[["feature", "label"]].to_numpy().tolist() == [[1, "a"], [3, "b"]]
    about = {"source": ["words", "people", "s"], "score": [1, 0, 1]}
    table = label_table([1, 1, 1], ["a", "b", "c"], about)
    assert best_labels(table)["label"].tolist() == ["b"]
    assert best_labels(table[table["source"] != "people"])["label"].tolist() == ["c"]
    worse = table.assign(is_worse_than_words=[None, True, None])
    assert best_labels(worse)["label"].tolist() == ["c"]
    unknown = label_table([1, 1], ["a", "b"], {"source": ["unknown", "s"], "score": [1, 0]})
    assert best_labels(unknown)["label"].tolist() == ["b"]


def test_nothing_has_no_best_label() -> None:
    assert best_labels(label_table([], [])).empty

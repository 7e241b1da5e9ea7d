from pathlib import Path

import pandas as pd
import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.store.attached import (
    attached_path,
    read_attached,
    save_attached,
    with_attached_labels,
)

FEATURES = pd.DataFrame({"kind": ["token"] * 3, "label": ["a", "b", None]})
LABELS = pd.DataFrame({
    "feature": [1, 1, 2, 9], "label": ["x", "y", "z", "beyond"], "source": "s",
    "score": [0.5, 0.7, None, 0.1], "is_shown": [False, True, True, True],
})  # fmt: skip


def test_what_is_shown_takes_the_place_of_a_dictionarys_label(tmp_path: Path) -> None:
    save_attached(tmp_path, LABELS)
    found = with_attached_labels(FEATURES, tmp_path)
    assert found["label"].tolist() == ["a", "y", "z"]
    assert found["label_source"].isna().tolist() == [True, False, False]
    assert found["label_source"][1] == "s"
    assert found["score"].isna().tolist() == [True, False, True]
    assert FEATURES["label"].tolist()[:2] == ["a", "b"]


def test_a_round_trip_keeps_all_labels(tmp_path: Path) -> None:
    assert read_attached(tmp_path) is None
    assert with_attached_labels(FEATURES, tmp_path) is FEATURES
    save_attached(tmp_path, LABELS)
    again = read_attached(tmp_path)
    assert again is not None
    pd.testing.assert_frame_equal(again, LABELS, check_dtype=False)
    save_attached(tmp_path, LABELS[:1])
    assert [one.name for one in tmp_path.iterdir()] == ["labels.parquet"]


@pytest.mark.parametrize("content", [b"", b"no parquet"])
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    attached_path(tmp_path).write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"labels.parquet is no table of labels"):
        with_attached_labels(FEATURES, tmp_path)
    LABELS.drop(columns="is_shown").to_parquet(attached_path(tmp_path))
    with pytest.raises(StoreDamaged):
        read_attached(tmp_path)

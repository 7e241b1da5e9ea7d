"""Topics come from a CSV file, whose faults are named."""

from pathlib import Path

import pytest

from corpuscope.errors import InputError
from corpuscope.export.topics import read_topics


def test_a_feature_may_have_several_topics(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\ufefffeature,topic,note\n3,"food, drink",x\n3,tone,\n1,tone,\n', "utf-8")
    assert read_topics(path) == {3: ["food, drink", "tone"], 1: ["tone"]}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("feature,name\n1,a\n", "no column 'topic'"),
        ("", "no column 'feature'"),
        ("feature,topic\none,a\n", "invalid literal"),
        (b"feature,topic\n1,\xff\n", "decode"),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, content: str | bytes, fault: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=fault) as caught:
        read_topics(path)
    assert str(path) in caught.value.found


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_topics(tmp_path / "none.csv")

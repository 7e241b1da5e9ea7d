from pathlib import Path

import pytest

from corpuscope.cli.foreign_labels import ForeignLabelOptions
from corpuscope.errors import InputError


def test_labels_are_read_from_the_path_in_the_format_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"0": "a label", "2": "another"}')
    assert ForeignLabelOptions(labels_from=path).read().format == "table"
    found = ForeignLabelOptions(labels_from=path, label_format="goodfire").read()
    assert found.counts["withheld"] == 1
    with pytest.raises(InputError, match="no format of labels"):
        ForeignLabelOptions(labels_from=path, label_format="csv").read()

import numpy as np
import pytest

from corpuscope.analyses.describe.histograms import histogram
from corpuscope.cli.terminal.histogram import bars, in_line, number


@pytest.mark.parametrize(
    ("counts", "shown"),
    [((), ""), ((0, 0), "  "), ((8, 4, 1, 0), "█▄▁ "), ((1000, 1), "█▁"), ((1, 1), "██")],
)
def test_bars_are_as_high_as_counts(counts: tuple[int, ...], shown: str) -> None:
    assert bars(counts) == shown


def test_a_line_stands_at_the_edge() -> None:
    found = histogram(np.linspace(0.5, 2.5, 41), edge_at=1.0)
    assert found is not None
    assert in_line(found, edge_at=1.0).index("│") == found.edges.index(1.0)
    assert "│" not in in_line(found)
    assert in_line(found).endswith("0.5 to 2.5, median 1.5")


def test_a_logarithmic_scale_is_said() -> None:
    found = histogram(np.array([1.0, 2, 3, 4000]))
    assert found is not None
    assert in_line(found).endswith("1 to 4000, median 2.5, logarithmic")


def test_numbers_are_short() -> None:
    assert [number(value) for value in (0.12345, 12, 1234.5, 2024, 1e6)] == [
        "0.123", "12", "1234", "2024", "1,000,000",
    ]  # fmt: skip

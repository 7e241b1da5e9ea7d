"""Plots are saved where they were asked for, whatever a result plots into."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from corpuscope.cli.terminal.picture import save_plot, save_run, save_sweep

SIGNS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def small() -> Figure:
    figure = Figure(figsize=(0.6, 0.4))
    figure.add_subplot().set_axis_off()
    return figure


class OfAxes:
    """A result that plots into the axes of a part of a figure."""

    def __init__(self) -> None:
        self.families: list[str] = []

    def plot(self) -> Axes:
        self.families = rcParams["font.family"]
        figure = Figure(figsize=(0.6, 0.4))
        figure.add_subplot()
        axes: Axes = figure.subfigures().add_subplot()
        axes.set_axis_off()
        return axes


class OfFigure:
    """A result that plots a figure."""

    def plot(self) -> Figure:
        return small()


@pytest.mark.parametrize("suffix", SIGNS)
def test_the_whole_figure_is_saved_in_the_format_of_its_name(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"größe{suffix}"
    save_plot(OfAxes(), path)
    assert path.read_bytes().startswith(SIGNS[suffix])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"saved: {path}\n"


def test_a_result_may_plot_a_figure(tmp_path: Path) -> None:
    save_plot(OfFigure(), tmp_path / "p.svg")
    assert (tmp_path / "p.svg").read_bytes().startswith(SIGNS[".svg"])


def test_fonts_of_other_scripts_are_tried_after_the_usual_one_and_put_back(
    tmp_path: Path,
) -> None:
    before = list(rcParams["font.family"])
    found = OfAxes()
    save_plot(found, tmp_path / "p.svg")
    assert found.families[0] == "DejaVu Sans"
    assert rcParams["font.family"] == before


def test_a_figure_for_each_plot_of_a_grid_is_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []

    def plot_sweep(found: object) -> dict[str, Figure]:
        asked.append(found)
        return {"reconstruction": small(), "labels": small()}

    monkeypatch.setattr("corpuscope.training.plot.plot_sweep", plot_sweep)
    sweep = SimpleNamespace()
    save_sweep(sweep, tmp_path / "my.grid.png")  # type: ignore[arg-type]
    assert asked == [sweep]
    names = ["my.grid-labels.png", "my.grid-reconstruction.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    said = capsys.readouterr().err.splitlines()
    assert sorted(said) == [f"saved: {tmp_path / name}" for name in names]


def test_curves_of_a_run_are_those_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def plot_run(log: object) -> Figure:
        asked.append(log)
        return small()

    monkeypatch.setattr("corpuscope.training.plot.plot_run", plot_run)
    save_run(tmp_path / "log.jsonl", tmp_path / "p.pdf")
    assert asked == [tmp_path / "log.jsonl"]
    assert (tmp_path / "p.pdf").read_bytes().startswith(SIGNS[".pdf"])

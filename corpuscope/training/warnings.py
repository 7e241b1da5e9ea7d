"""Early warnings of a run that is going wrong."""

from corpuscope.sae.config import Recipe, StepReport

_LOOKED_AT_AFTER = 0.1
"""Share of the steps before which nothing is reported."""
_MUCH_DEAD = 0.5
_IN_A_ROW = 3


class Watch:
    """Watches step reports and collects warnings, each kind once.

    Args:
        recipe: The run's recipe.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._counts: dict[str, int] = {}
        self._found: dict[str, str] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings so far, in order of appearance."""
        return tuple(self._found.values())

    def look(self, report: StepReport) -> str | None:
        """A new warning, if three reports in a row show the same problem; else None."""
        if report.step < _LOOKED_AT_AFTER * self._recipe.n_steps:
            return None
        new = None
        for sign, message in self._signs(report).items():
            self._counts[sign] = self._counts.get(sign, 0) + 1 if message else 0
            if message and self._counts[sign] == _IN_A_ROW and sign not in self._found:
                self._found[sign] = new = f"step {report.step}: {message}"
        return new

    def _signs(self, report: StepReport) -> dict[str, str | None]:
        n = self._recipe.n_features
        dead = report.n_dead / n
        return {
            "dead": f"{dead:.0%} of the features are dead; lower the learning rate or the number "
            "of features, or raise revival_weight" if dead > _MUCH_DEAD else None,
            "silent": f"only {report.l0:.2g} features fire at a unit; lower the penalty"
            if report.l0 < 1 else None,
            "dense": f"{report.l0:.0f} of {n} features fire at a unit; raise the penalty"
            if report.l0 > n / 4 and n > 64 else None,
            "useless": f"{report.unexplained:.0%} of the variance is unexplained, no better than "
            "the mean alone; lower the learning rate or the penalty"
            if report.unexplained > 1 else None,
        }  # fmt: skip


def left_out_warnings(*, refused: int = 0, empty: int = 0) -> list[str]:
    """Warnings about documents that were left out."""
    found = []
    if refused:
        found.append(f"{refused:,} documents were refused by the reader's chat template")
    if empty:
        found.append(f"{empty:,} rows had no text")
    return found

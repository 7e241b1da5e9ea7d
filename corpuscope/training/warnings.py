"""Signs early in a run that nothing good will come of it."""

from corpuscope.sae.config import Recipe, StepReport

_LOOKED_AT_AFTER = 0.1
"""Share of the steps after which a sign counts."""
_MUCH_DEAD = 0.5
_IN_A_ROW = 3


class Watch:
    """Looks at reports and keeps what to warn of, each thing once.

    Args:
        recipe: Of the run.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._counts: dict[str, int] = {}
        self._found: dict[str, str] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was found, in the order in which it showed."""
        return tuple(self._found.values())

    def look(self, report: StepReport) -> str | None:
        """A warning, if three reports in a row give reason for one that was not given yet."""
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
    """What to say of documents that nothing was taken from."""
    found = []
    if refused:
        found.append(f"{refused:,} documents were refused by the reader's chat template")
    if empty:
        found.append(f"{empty:,} rows had no text")
    return found

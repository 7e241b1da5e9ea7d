"""Options of labels that others gave."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corpuscope.labels.foreign.label_table import ForeignLabels


@dataclass(frozen=True)
class ForeignLabelOptions:
    """Where labels of others are read from, and what they are of."""

    labels_from: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="LABELS",
            help="Labels of others: Neuronpedia, Goodfire, Delphi, or a table.",
        ),
    ] = None  # fmt: skip
    label_format: Annotated[
        str | None,
        typer.Option(help="neuronpedia, goodfire, delphi or table. Default: recognised."),
    ] = None
    sae_id: Annotated[
        str | None, typer.Option(help="Of labels of several dictionaries: which, e.g. layers.10.")
    ] = None
    into: Annotated[
        Path | None, typer.Option(help="Save the labelled dictionary in this new folder.")
    ] = None

    def read(self) -> "ForeignLabels":
        """The labels.

        Raises:
            InputError: They cannot be read.
        """
        from corpuscope.labels.foreign.recognise import read_labels

        return read_labels(self.labels_from or Path(), format=self.label_format, sae_id=self.sae_id)

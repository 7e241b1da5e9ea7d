"""Options that several commands share."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpuscope.cli import show

if TYPE_CHECKING:
    from corpuscope.corpus import Corpus

_PICTURES = (".png", ".svg", ".pdf")


def picture(path: Path | None) -> Path | None:
    """The path, if a plot can be drawn there."""
    if path is not None and path.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"{path} ends with none of {', '.join(_PICTURES)}")
    return writable(path)


def writable(path: Path | None) -> Path | None:
    """The path, if a file can be written there; known before any work is done."""
    if path is None:
        return None
    if path.is_dir() or not path.parent.is_dir():
        what = f"{path} is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise typer.BadParameter(f"{what}; name a file in a folder that is there")
    place = path if path.exists() else path.parent
    if not os.access(place, os.W_OK):
        raise typer.BadParameter(f"no permission to write {path}; name another place")
    return path


Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

AStore = Annotated[Path, typer.Argument(help="A store.")]
SeveralStores = Annotated[list[Path], typer.Argument(help="A store; several are read as one.")]
Also = Annotated[
    list[Path] | None,
    typer.Option(help="Another store, read as one with the first; repeat it."),
]
Pair = Annotated[
    str | None, typer.Option(help="Column that pairs documents, such as the prompt's id.")
]
Group = Annotated[
    str | None,
    typer.Option(
        help="Column of what documents belong to, such as their author: these count, not texts."
    ),
]
CountCopies = Annotated[
    bool, typer.Option("--count-copies", help="Count each copy of a text, not each text once.")
]
Strata = Annotated[
    list[str] | None, typer.Option(help="Column that must not explain it; repeat it.")
]
Adjust = Annotated[bool, typer.Option(help="Findings must hold at equal lengths too.")]
Words = Annotated[bool, typer.Option(help="Ask about words and format marks.")]
Features = Annotated[bool, typer.Option(help="Ask about the dictionary's features.")]
MinSupport = Annotated[
    int, typer.Option(help="Documents that must have a feature, and lack it; at least 5.")
]
Q = Annotated[float, typer.Option(help="Share of findings that may be false.")]
EvidenceTexts = Annotated[
    int | None,
    typer.Option(min=0, help="Texts that show each finding. Default: 2; in JSON 5."),
]
MaxFindings = Annotated[int, typer.Option(min=1, help="Findings shown at most.")]
Rename = Annotated[
    bool, typer.Option(help="Name features from these documents, not by the dictionary.")
]
Plot = Annotated[
    Path | None,
    typer.Option(help="Draw the answer into this .png, .svg or .pdf.", callback=picture),
]

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="CORPUS",
        help="Files (.jsonl .json .csv .tsv .parquet ..., packed or not), a folder of them, "
        "or - for standard input.",
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option("--text", help="Column with the text. Default: text, if it is there."),
]
PromptColumn = Annotated[
    str | None,
    typer.Option("--prompt", help="Column with what the user says; goes with --response."),
]
ResponseColumn = Annotated[
    str | None, typer.Option("--response", help="Column with what the assistant says.")
]
MessagesColumn = Annotated[
    str | None,
    typer.Option("--messages", help="Column with lists of messages (role and content)."),
]
AnswerColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--answers", help="Column with an answer, such as one model's; repeat it for the others."
    ),
]
Dialogue = Annotated[
    bool,
    typer.Option("--dialogue", help="Lines such as 'Human: ...' say who speaks."),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="How characters are written. Default: UTF-8, or as seen."),
]
Delimiter = Annotated[
    str | None,
    typer.Option("--delimiter", help="Between cells, such as ; or tab. Default: as seen."),
]
IdColumn = Annotated[
    str | None,
    typer.Option(
        "--id", help="Column with the ids, or none for positions. Default: id, if all differ."
    ),
]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help="Only what this role says counts; repeat it.")
]
Reader = Annotated[
    str | None,
    typer.Option("--reader", help="Path or name of the reader's weights, if elsewhere."),
]

Into = Annotated[Path, typer.Option(help="A folder for states, runs and dictionaries.")]
UnitKind = Annotated[str, typer.Option("--unit", help="Of what the states are: token or sentence.")]
Layers = Annotated[
    list[int] | None,
    typer.Option(
        "--layer", help="After which layer of the reader; repeat it. Default: two thirds up."
    ),
]
ObjectiveName = Annotated[
    str,
    typer.Option(
        "--objective",
        help="batch-top-k, matryoshka, top-k, relu, gated, jump-relu, quadratic-frequency, "
        "quadratic-frequency-0.01, tanh or target-l0.",
    ),
]
Coefficient = Annotated[
    float | None,
    typer.Option("--coefficient", help="Of the sparsity penalty, where there is one."),
]
Units = Annotated[int, typer.Option("--units", min=1, help="Units to learn from.")]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Units to a step.")]
LearningRate = Annotated[
    float | None,
    typer.Option("--learning-rate", help="At its height. Default: as the objective suggests."),
]
UnitNorm = Annotated[bool, typer.Option("--unit-norm", help="Divide states by their lengths.")]
MaxUnits = Annotated[
    int, typer.Option("--max-units", min=1, help="Reading stops at so many units.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of all that is drawn.")]


def corpus_of(files: list[str], roles: Iterable[str] = (), /, **columns: Any) -> "Corpus":
    """The corpus in these files; what is found on the way to it is said.

    Args:
        files: Paths, or `-` for standard input.
        roles: Somebody in the corpus must have one of these, if any is named.
        columns: What `read_corpus` takes.
    """
    import corpuscope as cs

    paths = [_standard_input() if name == "-" else Path(name) for name in files]
    corpus = cs.read_corpus(paths, **columns)
    corpus.survey.check_roles(roles)
    show.warn(corpus.survey.told)
    return corpus


def _standard_input() -> Path:
    """A file with what comes in on standard input, for it is read more than once."""
    folder = Path(tempfile.mkdtemp(prefix="corpuscope-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "standard input"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path

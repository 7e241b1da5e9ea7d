"""Options that several commands share."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar, runtime_checkable

import typer

from corpuscope.cli.terminal.picture import Plotted, save_plot
from corpuscope.cli.terminal.text import warn
from corpuscope.errors import ReaderError

if TYPE_CHECKING:
    from corpuscope.analyses.comparison.settings import ComparisonSettings
    from corpuscope.corpus.corpus import Corpus
    from corpuscope.reader.language_model import LanguageModel
    from corpuscope.reader.sections import Context
    from corpuscope.sae.config import StepReport
    from corpuscope.training.settings import ReadingSettings, TrainingSettings

_Found = TypeVar("_Found", bound=Plotted)
_Found_contra = TypeVar("_Found_contra", contravariant=True)
_Comparison = TypeVar("_Comparison", bound="ComparisonSettings")
_Training = TypeVar("_Training", bound="TrainingSettings")


@runtime_checkable
class Show(Protocol[_Found_contra]):
    """A function that prints a result."""

    def __call__(self, found: _Found_contra, /, *, as_json: bool, n_evidence: int) -> None:
        """Print it, with `n_evidence` example texts per finding, or as one JSON object."""


_CONTEXTS: "dict[str, Context]" = {"sentence": "sentence", "passage": "passage"}
_PICTURES = (".png", ".svg", ".pdf")


def picture(path: Path | None) -> Path | None:
    """The path, if it has the suffix of a plot and can be written."""
    if path is not None and path.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"{path} does not end with one of {', '.join(_PICTURES)}")
    return writable(path)


def writable(path: Path | None) -> Path | None:
    """The path, if a file can be written there; checked before any work is done."""
    if path is None:
        return None
    if path.is_dir() or not path.parent.is_dir():
        what = f"{path} is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise typer.BadParameter(f"{what}; name a file in an existing folder")
    place = path if path.exists() else path.parent
    if not os.access(place, os.W_OK):
        raise typer.BadParameter(f"no permission to write {path}; name another path")
    return path


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]

AStore = Annotated[Path, typer.Argument(help="A store.")]
SeveralStores = Annotated[list[Path], typer.Argument(help="A store; several are pooled.")]
Also = Annotated[
    list[Path] | None,
    typer.Option(help="Another store, pooled with the first; repeatable."),
]
Pair = Annotated[str | None, typer.Option(help="Column that pairs documents, such as a prompt id.")]
Group = Annotated[
    str | None,
    typer.Option(
        help="Column of dependent documents, such as author: each value is one independent unit."
    ),
]
CountCopies = Annotated[
    bool, typer.Option("--count-copies", help="Count every copy of a text, not each text once.")
]
Strata = Annotated[
    list[str] | None, typer.Option(help="Column to control for, as a covariate; repeatable.")
]
Adjust = Annotated[bool, typer.Option(help="Require significance after length adjustment, too.")]
MinSupport = Annotated[
    int, typer.Option(help="Minimum documents with a feature, and without it; at least 5.")
]
Q = Annotated[float, typer.Option(help="False discovery rate.")]
MaxFindings = Annotated[int, typer.Option(min=1, help="Maximum number of findings.")]
Rename = Annotated[
    bool, typer.Option(help="Label features from these documents, not by the dictionary.")
]
Seed = Annotated[int, typer.Option("--seed", help="Random seed.")]


Plot = Annotated[
    Path | None,
    typer.Option(help="Save a plot as this .png, .svg or .pdf.", callback=picture),
]


@dataclass(frozen=True)
class Output:
    """How a result is printed and plotted.

    Attributes:
        evidence: Example texts per finding; None for the defaults.
        plot: Path of the plot.
        json: Whether to print one JSON object.
    """

    evidence: Annotated[
        int | None,
        typer.Option(min=0, help="Example texts per finding. Default: a few; more in JSON."),
    ] = None
    plot: Plot = None
    json: Json = False

    def n_kept(self, usual: int = 5) -> int:
        """The number of texts per finding in the result; `usual` is the default."""
        return usual if self.evidence is None else self.evidence

    def deliver(self, found: _Found, show: "Show[_Found]", *, usual: int = 2) -> None:
        """Print a result, and plot it if a plot was asked for.

        Args:
            found: The result.
            show: The function of `cli.render` that prints it.
            usual: The number of example texts printed per finding by default.
        """
        n_printed = usual if self.evidence is None else self.evidence
        show(found, as_json=self.json, n_evidence=n_printed)
        if self.plot:
            save_plot(found, self.plot)


@dataclass(frozen=True)
class ComparisonOptions:
    """How `diff` and `trend` compare; see `ComparisonSettings`."""

    count_copies: CountCopies = False
    words: Annotated[bool, typer.Option(help="Test words and format marks.")] = True
    features: Annotated[bool, typer.Option(help="Test the dictionary's features.")] = True
    min_support: MinSupport = 10
    max_findings: MaxFindings = 50
    rename: Rename = True
    seed: Annotated[int, typer.Option(help="Random seed of the holdout split.")] = 0

    def settings(self, kind: type[_Comparison], output: Output) -> _Comparison:
        """Settings of a comparison, with defaults for what these options do not say."""
        return kind(
            count_copies=self.count_copies, words=self.words, features=self.features,
            min_support=self.min_support, max_findings=self.max_findings, rename=self.rename,
            evidence=output.n_kept(), seed=self.seed,
        )  # fmt: skip


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="CORPUS",
        help="Files (.jsonl .json .csv .tsv .parquet ..., also compressed), a folder of them, "
        "or - for standard input.",
    ),
]


@dataclass(frozen=True)
class CorpusOptions:
    """Where the texts of a corpus are, and the format of its files; see `read_corpus`."""

    text: Annotated[
        str | None,
        typer.Option("--text", help="Column with the text. Default: text, if it exists."),
    ] = None
    prompt: Annotated[
        str | None,
        typer.Option("--prompt", help="Column with the user's message; used with --response."),
    ] = None
    response: Annotated[
        str | None, typer.Option("--response", help="Column with the assistant's message.")
    ] = None
    messages: Annotated[
        str | None,
        typer.Option("--messages", help="Column with lists of messages (role and content)."),
    ] = None
    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answers",
            help="Column with answers, such as one model's; repeatable, one per model.",
        ),
    ] = None
    dialogue: Annotated[
        bool, typer.Option("--dialogue", help="Read lines such as 'Human: ...' as turns.")
    ] = False
    id: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="Column with ids, or none to use positions. Default: id, if unique.",
        ),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="Character encoding. Default: UTF-8, or detected."),
    ] = None
    delimiter: Annotated[
        str | None,
        typer.Option("--delimiter", help="Cell delimiter, such as ; or tab. Default: detected."),
    ] = None

    def parameters(self) -> dict[str, object]:
        """The options chosen, for a command's JSON; rarely used ones only if given."""
        usual = {
            "text": self.text, "prompt": self.prompt, "response": self.response,
            "messages": self.messages, "id": self.id,
        }  # fmt: skip
        unusual = {
            "answers": self.answers or None, "dialogue": self.dialogue or None,
            "encoding": self.encoding, "delimiter": self.delimiter,
        }  # fmt: skip
        return usual | {name: value for name, value in unusual.items() if value is not None}

    def read(
        self, files: list[str], roles: Iterable[str] = (), metadata: list[str] | None = None
    ) -> "Corpus":
        """The corpus in these files; prints notes on how it was read.

        Args:
            files: Paths, or `-` for standard input.
            roles: At least one of these must occur in the corpus, if any is given.
            metadata: The columns to keep; None keeps all.
        """
        import corpuscope as cs

        paths = [_standard_input() if name == "-" else Path(name) for name in files]
        corpus = cs.read_corpus(
            paths, text=self.text, id=self.id, prompt=self.prompt, response=self.response,
            messages=self.messages, answers=self.answers or None, dialogue=self.dialogue,
            metadata=metadata or None,
            file_format=cs.FileFormat(encoding=self.encoding, delimiter=self.delimiter),
        )  # fmt: skip
        corpus.survey.check_roles(roles)
        warn(corpus.survey.reading_notes)
        return corpus


@dataclass(frozen=True)
class LanguageModelOptions:
    """Which language model reads texts, and how it is loaded; see `load_reader`."""

    reader: Annotated[
        str | None,
        typer.Option(
            "--reader",
            help="Name of the reader on the hub, its folder, a .gguf file, or smollm2. "
            "Default: the dictionary's.",
        ),
    ] = None
    revision: Annotated[
        str | None, typer.Option("--revision", help="Commit or tag of the reader on the hub.")
    ] = None
    device: Annotated[
        str,
        typer.Option(
            "--device", help="cpu, cuda, cuda:1, ...; auto takes a GPU, or several, if there are."
        ),
    ] = "auto"
    dtype: Annotated[
        str | None,
        typer.Option(
            "--dtype",
            help="bfloat16, float16 or float32. Default: bfloat16 where the hardware has it.",
        ),
    ] = None
    quantize: Annotated[
        str | None,
        typer.Option("--quantize", help="Load the reader with 8bit or 4bit weights."),
    ] = None
    device_map: Annotated[
        str | None,
        typer.Option(
            "--device-map",
            help="Spread the reader over devices as transformers does: auto, balanced, ...",
        ),
    ] = None

    def load(self, dictionary: str | None = None) -> "LanguageModel | None":
        """The language model; None if no option names or changes one.

        Args:
            dictionary: The dictionary whose reader it is, if none is named; None for the
                built-in reader.
        """
        chosen = (self.reader, self.revision, self.dtype, self.quantize, self.device_map)
        if not any(chosen) and self.device == "auto":
            return None
        import corpuscope as cs

        name = self.reader or cs.load_dictionary(dictionary or "builtin").reader_name
        return cs.load_reader(
            name, revision=self.revision, device=self.device, dtype=self.dtype,
            quantization=self.quantize, device_map=self.device_map,
        )  # fmt: skip


@dataclass(frozen=True)
class ReaderOptions(LanguageModelOptions):
    """Which language model reads a corpus, and which text counts."""

    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="Count only text of this role; repeatable."),
    ] = None

    def settings(self, max_units: int, dictionary: str | None = None) -> "ReadingSettings":
        """How a corpus is read for training, up to `max_units`."""
        import corpuscope as cs

        return cs.ReadingSettings(
            reader=self.load(dictionary), roles=self.role or None, max_units=max_units,
            progress=True,
        )  # fmt: skip


@dataclass(frozen=True)
class ExtractReaderOptions(ReaderOptions):
    """Which language model reads a corpus into a store, and what computes it."""

    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            help="openvino, numpy or torch. Default: torch on a GPU and for other readers than "
            "the built-in one, else openvino (numpy where it cannot start).",
        ),
    ] = None

    def load(self, dictionary: str | None = None) -> "LanguageModel | None":
        """The language model, which torch computes; None if the engine decides.

        Raises:
            ReaderError: Another engine than torch is asked for, and an option that torch alone
                knows.
        """
        others = {"--reader": self.reader, "--revision": self.revision, "--dtype": self.dtype,
                  "--quantize": self.quantize, "--device-map": self.device_map}  # fmt: skip
        given = [name for name, value in others.items() if value]
        if self.engine not in (None, "torch") and given:
            raise ReaderError(
                f"{given[0]} with the engine {self.engine}",
                expected="the built-in reader as it is",
                next_step="leave one of them out, or choose --engine torch",
            )
        return super().load(dictionary) if given else None


@dataclass(frozen=True)
class TrainingReaderOptions(ReaderOptions):
    """Which language model reads a corpus for a new dictionary, and how much at once."""

    context: Annotated[
        str,
        typer.Option(
            "--context",
            help="What is read at once: sentence, or passage, which formats chats by the "
            "reader's chat template.",
        ),
    ] = "sentence"
    max_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-tokens", min=8, help="Tokens read at once. Default: 256, if the reader can."
        ),
    ] = None

    def settings(self, max_units: int, dictionary: str | None = None) -> "ReadingSettings":
        """How a corpus is read for training, up to `max_units`."""
        if self.context not in _CONTEXTS:
            raise typer.BadParameter(f"--context is sentence or passage, not {self.context}")
        context = _CONTEXTS[self.context]
        found = ReaderOptions.settings(self, max_units, dictionary)
        return replace(found, context=context, max_tokens=self.max_tokens)


Into = Annotated[Path, typer.Option(help="Output folder for states, runs and dictionaries.")]
UnitKind = Annotated[str, typer.Option("--unit", help="Train on states of token or sentence.")]
Layers = Annotated[
    list[int] | None,
    typer.Option(
        "--layer",
        help="Layer of the reader to take states after; repeatable. Default: at 2/3 of the depth.",
    ),
]


@dataclass(frozen=True)
class ObjectiveOptions:
    """The training objective and its sparsity."""

    objective: Annotated[
        str,
        typer.Option(
            "--objective",
            help="batch-top-k, matryoshka, top-k, relu, gated, jump-relu, quadratic-frequency, "
            "quadratic-frequency-0.01, tanh or target-l0.",
        ),
    ] = "batch-top-k"
    k: Annotated[
        float | None,
        typer.Option(
            "--k", help="Active features per unit (L0). Default: 32; in finetune, unchanged."
        ),
    ] = None
    coefficient: Annotated[
        float | None,
        typer.Option("--coefficient", help="Sparsity coefficient, for objectives with a penalty."),
    ] = None


@dataclass(frozen=True)
class TrainingOptions:
    """How long and how fast a dictionary is trained; see `TrainingSettings`."""

    units: Annotated[
        int | None,
        typer.Option(
            "--units", min=1,
            help="Units to train on. Default: 3 million in train, else 1 million.",
        ),
    ] = None  # fmt: skip
    batch_size: Annotated[int, typer.Option("--batch-size", min=1, help="Units per step.")] = 2048
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate",
            help="Peak learning rate. Default: the objective's; in finetune, a tenth of it.",
        ),
    ] = None
    max_units: Annotated[
        int, typer.Option("--max-units", min=1, help="Stop reading after this many units.")
    ] = 10_000_000

    def settings(
        self, kind: type[_Training], on_step: "Callable[[str, StepReport], None]"
    ) -> _Training:
        """Settings of a training run, with defaults for what these options do not say."""
        return kind(
            n_units=self.units, batch_size=self.batch_size, learning_rate=self.learning_rate,
            on_step=on_step,
        )  # fmt: skip


def _standard_input() -> Path:
    """A temporary file with the content of standard input, which is read more than once."""
    folder = Path(tempfile.mkdtemp(prefix="corpuscope-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "standard input"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path

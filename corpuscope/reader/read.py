"""Reads documents: yields the states of their tokens and sentences, in document order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from corpuscope.corpus.document import Document
from corpuscope.errors import ReaderError
from corpuscope.reader.chat.habits import has_template
from corpuscope.reader.chat.pieces import ChatRefusedError
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.passages import Load, tokenized
from corpuscope.reader.protocol import AnyStates, Reader
from corpuscope.reader.sections import Context, Section, chat_sections, plain_sections
from corpuscope.sites import Place, in_order

# Memory for the states of a load. More allows better batches, up to a point.
_LOAD_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How documents are read.

    Attributes:
        token_layers: Layers after which states of tokens are returned, or other places.
        sentence_layers: Layers after which states of sentences are returned, or other places.
        context: What the reader sees at once.
        max_tokens: Maximum number of tokens it sees at once, including special tokens.
        masks: Which tokens count.
        batch_tokens: Maximum number of positions of a padded batch.
        prepends_bos: Whether passages begin with the token of the beginning of a text; None for
            what the tokenizer does.
    """

    token_layers: tuple[Place, ...] = ()
    sentence_layers: tuple[Place, ...] = ()
    context: Context = "sentence"
    max_tokens: int = 256
    masks: MaskPolicy = field(default_factory=MaskPolicy)
    batch_tokens: int = 2_048
    prepends_bos: bool | None = None

    @property
    def layers(self) -> tuple[Place, ...]:
        """All layers requested, ascending."""
        return in_order((*self.token_layers, *self.sentence_layers))


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Tokens or sentences that count, in the order of the documents.

    Attributes:
        documents: The document of each unit; ascending.
        spans: The half-open character range of each unit in the document's text.
        states: For each layer the state of each unit, as tensors where torch reads, else as
            arrays; for a sentence the mean over its counted tokens, in float32.
    """

    documents: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int64]
    states: Mapping[Place, AnyStates]

    def __len__(self) -> int:
        """The number of units."""
        return len(self.documents)

    def joined(self, layers: Sequence[Place]) -> AnyStates:
        """The states of each unit after `layers`, concatenated."""
        if len(layers) == 1:
            return self.states[layers[0]]
        each = [self.states[layer] for layer in layers]
        if isinstance(each[0], np.ndarray):
            return np.concatenate(each, axis=1)
        import torch

        return torch.cat(each, dim=1)


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The units of a batch of text. A long document may span several stretches.

    Attributes:
        tokens: Counted tokens.
        sentences: Sentences with at least one counted token.
        refused: Documents that could not be read, with the reason.
        n_finished: How many of all documents have been read completely.
    """

    tokens: Units
    sentences: Units
    refused: Mapping[int, str]
    n_finished: int


SectionLoad = tuple[list[Section], dict[int, str], int]
"""Sections to read together, documents refused, and the number of documents done."""


def read_documents(
    documents: Sequence[Document], reader: Reader, plan: ReadingPlan
) -> Iterator[Stretch]:
    """The states of the documents' units, stretch by stretch.

    A document without text that counts has no units. Memory does not grow with the length or
    number of documents.

    Raises:
        ReaderError: The reader has no such layer, or `max_tokens` exceeds its context.
    """
    check_plan(reader, plan)
    for one in loads(documents, reader, plan):
        yield read_load(one, reader, plan)


def read_load(load: SectionLoad, reader: Reader, plan: ReadingPlan) -> Stretch:
    """The states of the units of one load."""
    sections, refused, n_finished = load
    tokens = tokenized(
        sections, reader, context=plan.context, max_tokens=plan.max_tokens,
        frame=reader.framed(prepends_bos=plan.prepends_bos),
    )  # fmt: skip
    states = reader.counted_states(tokens, plan.layers, batch_tokens=plan.batch_tokens)
    return _stretch(tokens, states, reader, plan, refused=refused, n_finished=n_finished)


def check_plan(reader: Reader, plan: ReadingPlan) -> None:
    """Check that the reader can read so.

    Raises:
        ReaderError: It has no such layer, or `max_tokens` exceeds its context.
    """
    reader.check_layers(plan.layers)
    n_frame = sum(map(len, reader.framed(prepends_bos=plan.prepends_bos)))
    if not n_frame < plan.max_tokens <= reader.max_tokens:
        raise ReaderError(
            f"a context of {plan.max_tokens} tokens for {reader.name}",
            expected=f"{n_frame + 1} to {reader.max_tokens} tokens, including special tokens",
            next_step="choose another reader, or a dictionary with another max_tokens",
        )


def loads(
    documents: Sequence[Document], reader: Reader, plan: ReadingPlan
) -> Iterator[SectionLoad]:
    """Loads: sections to read together, documents refused, and the number of documents done."""
    limit = _load_characters(reader, plan)
    load: list[Section] = []
    refused: dict[int, str] = {}
    n_characters = 0
    for number, document in enumerate(documents):
        try:
            for section in _sections(document, number, reader, plan):
                if load and n_characters + len(section.text) > limit:
                    yield load, refused, number
                    load, refused, n_characters = [], {}, 0
                load.append(section)
                n_characters += len(section.text)
        except ChatRefusedError as error:
            refused[number] = str(error)
    yield load, refused, len(documents)


def _load_characters(reader: Reader, plan: ReadingPlan) -> int:
    """Maximum characters per load; a token rarely has fewer than two characters."""
    n_bytes = reader.place_bytes * sum(reader.width_at(place) for place in plan.layers)
    return max(plan.batch_tokens, min(reader.load_characters, 2 * _LOAD_BYTES // n_bytes))


def _sections(
    document: Document, number: int, reader: Reader, plan: ReadingPlan
) -> Iterator[Section]:
    is_chat = plan.context == "passage" and document.roles and has_template(reader.tokenizer)
    if is_chat:
        return chat_sections(
            document,
            number,
            tokenizer=reader.tokenizer,
            masks=plan.masks,
            window=plan.max_tokens,
        )
    return plain_sections(
        document, number, context=plan.context, masks=plan.masks, window=plan.max_tokens
    )


def _stretch(
    load: Load,
    states: dict[Place, AnyStates],
    reader: Reader,
    plan: ReadingPlan,
    *,
    refused: dict[int, str],
    n_finished: int,
) -> Stretch:
    # Outliers are excluded here, so sentence means do not include them.
    keep = reader.operations.usual(plan.masks, list(states.values()))
    documents, spans, sentences = load.documents, load.spans, load.sentences
    if keep is not None:
        documents, spans, sentences = documents[keep], spans[keep], sentences[keep]
        states = {place: reader.operations.kept(one, keep) for place, one in states.items()}
    used, starts = np.unique(sentences, return_index=True)
    means = {n: reader.operations.means(states[n], starts) for n in plan.sentence_layers}
    return Stretch(
        Units(documents, spans, {place: states[place] for place in plan.token_layers}),
        # The sentences that still have a counted token.
        Units(load.sentence_documents[used], load.sentence_spans[used], means),
        refused,
        n_finished,
    )

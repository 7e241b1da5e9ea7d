"""A language model with its LM head: predictions, optionally with hidden states replaced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from corpuscope.errors import ReaderError
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.loading.load import Origin, arguments_of, failed
from corpuscope.reader.loading.quiet import quietly
from corpuscope.tensor_shapes import BatchStates, States, TokenIds, TokenMask


@dataclass(frozen=True, slots=True, eq=False)
class Splice:
    """Replacement states for a batch.

    Attributes:
        layer: After which layer.
        places: Positions in the flattened batch; all others are unchanged.
        states: The replacements, one row per position.
    """

    layer: int
    places: torch.Tensor
    states: torch.Tensor


class PredictingModel:
    """A reader with its LM head.

    Attributes:
        reader: The model without the head; layers are numbered as for every reader.
        is_causal: Whether it predicts the next token; otherwise masked tokens.
    """

    def __init__(self, model: nn.Module, reader: LanguageModel, *, is_causal: bool) -> None:
        self.reader, self.is_causal = reader, is_causal
        self._model = model
        self._body = reader.model
        self._answer: Any = None

    @property
    def n_tokens(self) -> int:
        """The size of the output vocabulary."""
        return len(self._model.get_output_embeddings().weight)  # type: ignore[operator]

    def last_states(
        self, ids: TokenIds, mask: TokenMask, splice: Splice | None = None
    ) -> BatchStates:
        """The head's input for a padded batch, with or without replaced states."""
        place = self.reader.device
        with torch.inference_mode(), _spliced(self.reader.blocks, splice):
            output = self._body(input_ids=ids.to(place), attention_mask=mask.to(place))
        self._answer = type(output)
        found: BatchStates = output.last_hidden_state
        return found

    def log_probabilities(self, states: States) -> torch.Tensor:
        """Log probabilities over the vocabulary for some of these, in float32, one row per state.

        The whole model runs with its body stubbed out, so that logit scales and soft caps of some
        models apply.
        """
        # States are passed as one sequence: the head treats positions independently.
        answer = self._answer(last_hidden_state=states[None])
        ids = torch.zeros(1, len(states), dtype=torch.int64, device=states.device)
        with torch.inference_mode(), _answered_for(self._body, answer):
            logits = self._model(input_ids=ids).logits[0]
        return torch.log_softmax(logits.float(), dim=-1)


def predicting_model(
    name: str,
    *,
    reader: LanguageModel | None = None,
    model: nn.Module | None = None,
    device: str = "auto",
) -> PredictingModel:
    """The language model of that name, or that of `reader`, with its head.

    Args:
        name: Used if `reader` is not given.
        reader: Gives name, dtype, device and tokenizer; its weights are loaded anew.
        model: The model with its head, if already loaded; it stays on its device.
        device: Where to compute, if `reader` is not given.

    Raises:
        ReaderError: It cannot be loaded, or has no head.
    """
    like = _Likeness.of(reader or load_reader(name, device=device))
    if model is None:
        model = _load(like)
    config, body = getattr(model, "config", None), getattr(model, "base_model", model)
    embeddings = getattr(model, "get_output_embeddings", lambda: None)()
    if config is None or body is model or embeddings is None:
        raise _no_head(like.name, f"a {type(model).__name__}")
    model.eval()
    if reader is None or reader.model is not body:
        reader = LanguageModel(
            body, like.tokenizer, name=like.name, revision=like.revision, is_local=like.is_local
        )
    return PredictingModel(model, reader, is_causal=_is_causal(config, like.name))


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """What it takes to load a reader again, without holding its weights."""

    name: str
    revision: str
    source: str
    is_local: bool
    tokenizer: Any
    dtype: torch.dtype
    device: torch.device
    origin: Origin | None

    @classmethod
    def of(cls, reader: LanguageModel) -> "_Likeness":
        return cls(
            name=reader.name,
            revision=reader.revision,
            source=str(getattr(reader.model, "name_or_path", "")) or reader.name,
            is_local=reader.is_local,
            tokenizer=reader.tokenizer,
            dtype=reader.dtype,
            device=reader.device,
            origin=reader.origin,
        )


def _load(like: _Likeness) -> nn.Module:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

    where, more = _where(like)
    try:
        with quietly():
            config = AutoConfig.from_pretrained(where, **_of_config(more))
            is_causal = _is_causal(config, like.name)
            kind: Any = AutoModelForCausalLM if is_causal else AutoModelForMaskedLM
            model, about = kind.from_pretrained(where, output_loading_info=True, **more)
    except (OSError, ValueError, ImportError) as error:
        raise failed(like.name, error) from error
    if missing := sorted(about["missing_keys"]):
        raise _no_head(like.name, f"weights without {missing[0]} and {len(missing) - 1} others")
    # What is spread over devices, or has few bits a weight, is where it belongs.
    if not {"device_map", "quantization_config"} & set(more) or "gguf_file" in more:
        model = model.to(like.device)
    found: nn.Module = model.requires_grad_(requires_grad=False)
    return found


def _where(like: _Likeness) -> tuple[str, dict[str, Any]]:
    """Where the model is, and the arguments by which it is loaded as the reader was."""
    if like.origin is not None:
        source = like.origin.source
        where = Path(source.location)
        folder = str(where.parent) if source.kind == "file" else source.location
        return folder, arguments_of(like.origin)
    is_named = like.revision != "local" and not Path(like.source).is_dir()
    return like.source, {"dtype": like.dtype} | ({"revision": like.revision} if is_named else {})


def _of_config(arguments: dict[str, Any]) -> dict[str, Any]:
    names = ("revision", "local_files_only", "gguf_file")
    return {name: value for name, value in arguments.items() if name in names}


def _is_causal(config: Any, name: str) -> bool:
    """Whether models of this type predict the next token; encoders need `is_decoder` for that."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING

    if getattr(config, "is_encoder_decoder", False):
        raise _no_head(name, "an encoder with a decoder of its own")
    if type(config) in MODEL_FOR_MASKED_LM_MAPPING:
        return bool(getattr(config, "is_decoder", False))
    if type(config) in MODEL_FOR_CAUSAL_LM_MAPPING:
        return True
    raise _no_head(name, f"a model of the kind {getattr(config, 'model_type', 'unknown')!r}")


def _no_head(name: str, found: str) -> ReaderError:
    return ReaderError(
        f"{name} has no language-model head ({found})",
        expected="a reader with the head that predicts the next token, or masked ones",
        next_step="evaluate the dictionary with `evaluate`, which needs no head, or train one for "
        "a reader with a head",
    )


@contextmanager
def _spliced(blocks: nn.ModuleList, splice: Splice | None) -> Iterator[None]:
    """A context in which a block's output (or the first block's input) has states replaced."""
    if splice is None:
        yield
        return

    def replaced(states: torch.Tensor) -> torch.Tensor:
        flat = states.flatten(0, 1)
        rows = splice.states.to(flat.dtype)
        return flat.index_copy(0, splice.places, rows).view_as(states)

    def after(_block: nn.Module, _inputs: Any, output: Any) -> Any:
        if isinstance(output, tuple):
            return (replaced(output[0]), *output[1:])
        return replaced(output)

    def before(_block: nn.Module, args: Any, kwargs: Any) -> Any:
        if args:
            return (replaced(args[0]), *args[1:]), kwargs
        return args, kwargs | {"hidden_states": replaced(kwargs["hidden_states"])}

    # Layer n is the output of block n; layer 0 is the input of the first block.
    if splice.layer:
        handle = blocks[splice.layer - 1].register_forward_hook(after)
    else:
        handle = blocks[0].register_forward_pre_hook(before, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _answered_for(body: nn.Module, answer: Any) -> Iterator[None]:
    """A context in which the body does not run but returns this output."""
    # An instance attribute shadows the class's `forward`; deleting it restores that.
    own = body.__dict__.get("forward")
    body.forward = lambda *_args, **_kwargs: answer
    try:
        yield
    finally:
        del body.forward
        if own is not None:
            body.forward = own

"""Language models in one GGUF file: their tokenizers, and how transformers loads them."""

import json
from pathlib import Path
from typing import Any

from corpuscope.errors import ReaderError, reason_of
from corpuscope.extras import check_extra

# How SmolLM's tokenizer was made: each digit alone. transformers knows the other kinds.
_DIGITS_ALONE = frozenset({"smollm"})
_CONTROL = 3


def gguf_arguments(path: Path) -> dict[str, Any]:
    """The arguments by which transformers loads the weights of a GGUF file as whole numbers.

    Raises:
        ReaderError: The extra is not installed.
    """
    import transformers

    check_extra("gguf", ("gguf", "accelerate"), what="reading GGUF files")
    arguments: dict[str, Any] = {"gguf_file": path.name}
    # Older versions know no packed weights and unpack them without being told.
    if hasattr(transformers, "GgufConfig"):
        arguments["quantization_config"] = transformers.GgufConfig(dequantize=True)
    return arguments


def gguf_tokenizer(path: Path) -> Any:
    """The tokenizer in a GGUF file, with its chat template.

    Raises:
        ReaderError: The extra is not installed, or the file has no tokenizer that can be read.
    """
    from transformers import AutoTokenizer

    check_extra("gguf", ("gguf", "accelerate"), what="reading GGUF files")
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise ReaderError(
            f"the tokenizer in {path} cannot be read ({reason_of(error)})",
            expected="a GGUF file of an architecture that transformers knows",
            next_step="choose another file, or the model's folder in the format of safetensors",
        ) from error
    _complete(tokenizer, path)
    return tokenizer


def _complete(tokenizer: Any, path: Path) -> None:
    """Add what transformers leaves out: control tokens, and how SmolLM's digits are split."""
    from gguf import GGUFReader
    from tokenizers import AddedToken, Tokenizer, pre_tokenizers

    fields = GGUFReader(path).fields
    kind = fields.get("tokenizer.ggml.pre")
    if kind is not None and kind.contents() in _DIGITS_ALONE:
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        )
    names = fields["tokenizer.ggml.tokens"]
    kept = json.loads(tokenizer.backend_tokenizer.to_str())
    # The class of the tokenizer may have a token of its own, which the model does not know.
    added = [one for one in kept["added_tokens"] if one["id"] < len(names.data)]
    if len(added) < len(kept["added_tokens"]):
        tokenizer._tokenizer = Tokenizer.from_str(json.dumps({**kept, "added_tokens": added}))
    if types := fields.get("tokenizer.ggml.token_type"):
        numbers = [i for i, one in enumerate(types.contents()) if one == _CONTROL]
        control = [names.contents(number) for number in numbers]
        tokenizer.add_special_tokens(
            {
                "additional_special_tokens": [
                    AddedToken(name, normalized=False, special=True) for name in control
                ]
            }
        )

"""Whether a dictionary fits a reader, and how documents are read for it."""

from collections.abc import Iterable

from corpuscope.errors import DictionaryError
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.protocol import Reader
from corpuscope.reader.read import ReadingPlan
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sites import in_order


def check_fits(dictionary: Dictionary, reader: Reader) -> None:
    """Check that the dictionary was made for this reader.

    Raises:
        DictionaryError: It was made for another.
        ReaderError: The reader has no such layer.
    """
    # A local copy of the reader goes by the name of its folder.
    if reader.name != dictionary.reader_name and not reader.is_local:
        raise DictionaryError(
            f"a dictionary for {dictionary.reader_name}, but the reader {reader.name}",
            expected="the reader that the dictionary was made for",
            next_step="leave the reader out, or choose another dictionary",
        )
    for part in dictionary.parts:
        reader.check_layers(part.places)
        width = sum(reader.width_at(place) for place in part.places)
        if part.width != width:
            raise DictionaryError(
                f"a part for states of width {part.width}, but {reader.name} has width "
                f"{width} at {_named(part)}",
                expected="the reader that the dictionary was made for",
                next_step="leave the reader out, or choose another dictionary",
            )


def _named(part: Part) -> str:
    site = "" if part.site == "residual" else f"{part.site} of "
    return f"{site}each of the layers {list(part.layers)}"


def plan_for(dictionary: Dictionary, roles: Iterable[str] | None, batch_tokens: int) -> ReadingPlan:
    """How documents are read for a dictionary; `roles` overrides those of its masks."""
    layers = {
        unit: in_order(n for p in dictionary.parts if p.unit == unit for n in p.places)
        for unit in ("token", "sentence")
    }
    return ReadingPlan(
        token_layers=layers["token"],
        sentence_layers=layers["sentence"],
        context=dictionary.context,
        max_tokens=dictionary.max_tokens,
        masks=MaskPolicy.from_config(dictionary.masks, roles=roles),
        batch_tokens=batch_tokens,
        prepends_bos=dictionary.prepends_bos,
    )

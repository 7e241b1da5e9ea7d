"""Tables stored in one JSON object, in the usual layouts."""

from collections.abc import Iterator, Mapping

from corpuscope.corpus.chats.messages import MESSAGE_COLUMNS

OF_A_DOCUMENT = (*MESSAGE_COLUMNS, "text", "prompt", "response", "chosen", "rejected")
"""Keys that make an object a document itself, whatever lists it also contains."""

_OF_A_MESSAGE = ("role", "content", "from", "value")


def table_in(value: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The rows in an object; the object itself if it is a document.

    Supported are a list of objects with constants for all of them, a list per column, and pandas'
    layouts: an object per column or per row, or `columns` and `data`.
    """
    lists = {name: one for name, one in value.items() if isinstance(one, list)}
    tables = [name for name, one in lists.items() if one and all(isinstance(x, dict) for x in one)]
    is_document = any(isinstance(value.get(name), str) for name in OF_A_DOCUMENT) or any(
        name in tables for name in OF_A_DOCUMENT
    )
    if is_document:
        yield value
    elif isinstance(columns := lists.get("columns"), list) and _are_rows(lists.get("data")):
        for cells in lists["data"]:
            yield dict(zip(map(str, columns), cells, strict=False))
    elif len(tables) == 1:
        facts = {name: one for name, one in value.items() if not isinstance(one, list | dict)}
        yield from ({**facts, **row} for row in lists[tables[0]])
    elif value and len(lists) == len(value) and len({len(one) for one in lists.values()}) == 1:
        for cells in zip(*lists.values(), strict=True):
            yield dict(zip(lists, cells, strict=True))
    elif value and all(isinstance(one, dict) and one for one in value.values()):
        yield from _of_objects({name: one for name, one in value.items() if isinstance(one, dict)})
    else:
        yield value


def _are_rows(data: object) -> bool:
    return isinstance(data, list) and all(isinstance(one, list) for one in data)


def _of_objects(value: Mapping[str, dict[str, object]]) -> Iterator[Mapping[str, object]]:
    """The rows of an object per column, or per row, whose key is then the id."""
    keys = list(dict.fromkeys(key for one in value.values() for key in one))
    if any(name in keys for name in _OF_A_MESSAGE):
        yield value
    elif any(name in keys for name in OF_A_DOCUMENT):
        yield from ({"id": name, **one} for name, one in value.items())
    else:
        for key in keys:
            yield {name: one.get(key) for name, one in value.items()}

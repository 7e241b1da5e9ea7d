"""The card of a dataset on disk: `README.md`, whose header names its configurations."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from corpuscope.store.store import Store

__all__ = ["dataset_card"]

_COLUMNS = (
    ("id", "the id of the document"),
    ("n_tokens", "the number of its tokens that were read"),
    ("text", "the text"),
    ("feature_ids", "the features that have a strength in it, ascending"),
    ("strengths", "how strong each is: its largest activation"),
    ("starts, ends", "the characters at which it is strongest, the end exclusive"),
)


def dataset_card(
    splits: Mapping[str, Store], *, columns: Sequence[str], counts: Mapping[str, int]
) -> str:
    """The text of `README.md`.

    Args:
        splits: The store of each split, by the name of the split.
        columns: The names of the metadata columns.
        counts: The numbers of documents, features and strengths.
    """
    first = next(iter(splits.values())).provenance
    rows = [*_COLUMNS, *((name, "metadata of the corpus") for name in columns)]
    parts = [
        _header(splits),
        "# Texts with features of a sparse autoencoder\n",
        f"{counts['documents']:,} documents with {counts['strengths']:,} strengths of "
        f"{counts['features']:,} features, exported by corpuscope.\n",
        "```python\nfrom datasets import load_dataset\n\n"
        'documents = load_dataset("PATH", "documents")\n'
        'features = load_dataset("PATH", "features")["train"]\n```\n',
        "## Configurations\n",
        "`documents` has a split for each corpus: "
        + ", ".join(f"`{name}` ({store.n_documents:,})" for name, store in splits.items())
        + ". `features` has one row for each feature; row `i` is feature `i`, and its `threshold` "
        "is the strength above which it counts as present. Labels are not unique.\n",
        "| column of `documents` | meaning |\n|---|---|\n"
        + "\n".join(f"| {_cell(name)} | {meaning} |" for name, meaning in rows)
        + "\n",
        "## How it was made\n",
        "\n".join(f"- {_cell(name)}: {_cell(value)}" for name, value in _facts(first)) + "\n",
        "## Licence\n",
        "The licences of the texts, and of the dictionary whose labels these are, are not "
        "recorded in a store: state both here before you share this folder.\n",
    ]
    return "\n".join(parts)


def _header(splits: Mapping[str, Store]) -> str:
    files = "".join(
        f"  - split: {_quoted(name)}\n    path: {_quoted(f'documents/{name}-*.parquet')}\n"
        for name in splits
    )
    return (
        "---\n"
        "configs:\n"
        "- config_name: documents\n"
        "  default: true\n"
        f"  data_files:\n{files}"
        "- config_name: features\n"
        "  data_files:\n"
        '  - split: "train"\n'
        '    path: "features/*.parquet"\n'
        "---\n"
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _cell(value: Any) -> str:
    """A value on one line of a Markdown page."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split()).replace("|", "\\|")


def _facts(provenance: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the strengths depend on, as far as a store records it."""
    reader, dictionary = provenance.get("reader") or {}, provenance.get("dictionary") or {}
    facts = [
        ("language model", reader.get("name")),
        ("its revision", reader.get("revision")),
        ("digest of the dictionary", dictionary.get("digest")),
        ("autoencoders", dictionary.get("parts")),
        ("read at once", provenance.get("context")),
        ("tokens that count", provenance.get("masks")),
        ("pooling over a document", provenance.get("pooling")),
        ("present", provenance.get("presence")),
        ("least strength kept, as a share of the threshold", provenance.get("floor")),
        ("corpuscope", provenance.get("corpuscope")),
    ]
    return [(name, value) for name, value in facts if value is not None]

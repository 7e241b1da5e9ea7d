"""What a batch folder asks for, in one small file for whoever answers or bills it.

Nothing reads it back: files of requests may be changed, divided or renamed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from corpuscope.durable import write_durably
from corpuscope.llm.budget import Budget, Ledger
from corpuscope.llm.request import Request

__all__ = ["MANIFEST", "write_manifest"]

MANIFEST = "manifest.json"
_VERSION = 1


def write_manifest(files: Sequence[Path], requests: Sequence[Request], *, model: str) -> Path:
    """Write the manifest of these files beside them.

    Args:
        files: The files of requests; one at least.
        requests: The requests in them.
        model: The model that they name.

    Returns:
        The manifest's path.

    Raises:
        StorageFull: There is no room.
    """
    estimate = Ledger(Budget(), None).estimate(requests)
    usage = estimate.all.usage
    content = {
        "version": _VERSION,
        "model": model,
        "files": [_described(path) for path in files],
        "requests": dict(Counter(one.purpose for one in requests)),
        "estimate": {
            "tokens_in": usage.n_in, "tokens_out": usage.n_out, "most_tokens": estimate.most,
        },
    }  # fmt: skip
    path = files[0].with_name(MANIFEST)
    written = json.dumps(content, ensure_ascii=False, indent=2)
    write_durably(path, memoryview(f"{written}\n".encode()))
    return path


def _described(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "name": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "requests": content.count(b"\n"),
    }

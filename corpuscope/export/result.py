"""What an export wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["Export", "bytes_of_files"]


@dataclass(frozen=True)
class Export:
    """What an export wrote.

    Attributes:
        format: The format, such as "anndata".
        path: The file or folder.
        files: The size of each file in bytes, by its name within `path`.
        counts: How many of what, such as documents, features and strengths.
        notes: What another tool should know: what was renamed, left out or expressed otherwise.
        warnings: Caveats of what was exported.
    """

    format: str
    path: Path
    files: Mapping[str, int]
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """The size of all files."""
        return sum(self.files.values())

    def to_json(self) -> dict[str, Any]:
        """The complete result, as JSON-compatible values."""
        return {
            "analysis": f"export {self.format}",
            "version": version("corpuscope"),
            "path": str(self.path),
            "files": dict(self.files),
            "counts": dict(self.counts),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def bytes_of_files(path: Path) -> dict[str, int]:
    """The size of a file, or of each file below a folder, by its name within it."""
    if path.is_file():
        return {path.name: path.stat().st_size}
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.stat().st_size for file in files}

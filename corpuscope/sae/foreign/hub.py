"""Dictionaries on the Hugging Face Hub: `hf:owner/name/folder@revision`, pinned to a commit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpuscope.errors import DictionaryError, reason_of
from corpuscope.sae.foreign.artifact import Artifact

PREFIX = "hf:"
_WEIGHTS = (".safetensors", ".npz", ".pt", ".pth")
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class HubPath:
    """A place on the Hub.

    Attributes:
        repo: The repository, `owner/name`.
        folder: The folder or file in it; empty for the repository's root.
        revision: A commit, tag or branch; None for the newest commit, which is then recorded.
    """

    repo: str
    folder: str = ""
    revision: str | None = None


class Hub(Protocol):
    """What is asked of the Hub; tests put another in its place."""

    def files(self, repo: str, revision: str | None) -> tuple[str, Sequence[str]]:
        """The commit that a revision means, and the files there."""

    def download(self, repo: str, file: str, commit: str) -> Path:
        """The local copy of a file."""


def hub_path(text: str) -> HubPath:
    """The place that a text such as `hf:owner/name/folder@revision` means.

    Raises:
        DictionaryError: It is not of that form.

    Example:
        >>> hub_path("hf:google/gemma-scope-2b-pt-res/layer_20@v1").folder
        'layer_20'
    """
    matched = re.fullmatch(r"hf:([\w.\-]+/[\w.\-]+)(?:/([^@]*?))?/?(?:@([\w.\-/]+))?", text)
    if matched and ".." not in (matched[2] or "").split("/"):
        return HubPath(matched[1], (matched[2] or "").strip("/"), matched[3])
    raise DictionaryError(
        f"{text!r}",
        expected="hf:owner/name/folder@revision, of which folder and revision may be missing",
        next_step="correct the name",
    )


def downloaded(text: str, *, hub: Hub | None = None) -> Artifact:
    """The files of a dictionary on the Hub, on this machine.

    Only the weights of the folder and the configurations beside and above them are downloaded,
    into the Hub's own cache.

    Args:
        text: `hf:owner/name/folder@revision`.
        hub: Who lists and downloads; the Hub itself if None.

    Raises:
        DictionaryError: There is no such place, or the Hub cannot be reached.
    """
    place, hub = hub_path(text), hub or _HuggingFace()
    try:
        commit, files = hub.files(place.repo, place.revision)
        wanted = _wanted(place, files)
        copies = {name: hub.download(place.repo, name, commit) for name in wanted}
    except DictionaryError:
        raise
    # The client's errors for what is missing, gated or unreachable have no common class.
    except Exception as error:
        raise DictionaryError(
            f"{text} could not be downloaded ({type(error).__name__}: {reason_of(error)})",
            expected="the Hugging Face Hub within reach, or the files in its cache",
            next_step="check name and network; for a gated repository accept its terms and log "
            "in; or download the folder elsewhere and name it here",
        ) from error
    weights = next(name for name in wanted if name.endswith(_WEIGHTS))
    depth = weights.removeprefix(place.folder).strip("/").count("/")
    root = copies[weights] if place.folder == weights else copies[weights].parents[depth]
    return Artifact(root, repo=place.repo, revision=commit, folder_in_repo=place.folder)


def _wanted(place: HubPath, files: Sequence[str]) -> list[str]:
    """The files of a folder, and configurations up to two folders above."""
    inside = [name for name in files if _is_inside(name, place.folder)]
    if not any(name.endswith(_WEIGHTS) for name in inside):
        near = [name for name in files if name.startswith(place.folder) and
                name.endswith(_WEIGHTS)]  # fmt: skip
        folders = sorted({name.rpartition("/")[0] for name in near or files if "/" in name})
        more = len(folders) - _MOST_NAMED
        raise DictionaryError(
            f"no weights in {place.folder or 'the root'} of {place.repo}",
            expected="a folder with weights, such as " + ", ".join(folders[:_MOST_NAMED])
            + (f" and {more} more" if more > 0 else ""),
            next_step="name one of these",
        )  # fmt: skip
    parts = place.folder.split("/") if place.folder else []
    above = {"/".join([*parts[:n], "config.json"]) for n in range(max(0, len(parts) - 2),
                                                                  len(parts))}  # fmt: skip
    return [*inside, *sorted(above & set(files) - set(inside))]


def _is_inside(name: str, folder: str) -> bool:
    if name == folder:
        return True
    inner = name.removeprefix(f"{folder}/") if folder else name
    if (folder and inner == name) or not inner.endswith((*_WEIGHTS, ".json", ".parquet")):
        return False
    # Of checkpoints only the last is a dictionary by itself.
    return "/" not in inner or re.fullmatch(r"checkpoints/(final|pruned)\.\w+", inner) is not None


class _HuggingFace:
    """The Hub, or what of it is in the local cache."""

    def files(self, repo: str, revision: str | None) -> tuple[str, Sequence[str]]:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError

        try:
            found = HfApi().model_info(repo, revision=revision)
            return str(found.sha), [one.rfilename for one in found.siblings or ()]
        except HfHubHTTPError:
            raise
        # What clients raise where there is no network has no common class.
        except Exception as error:
            return self._cached(repo, revision, error)

    def _cached(
        self, repo: str, revision: str | None, error: Exception
    ) -> tuple[str, Sequence[str]]:
        from huggingface_hub import snapshot_download

        try:
            folder = Path(snapshot_download(repo, revision=revision, local_files_only=True))
        except Exception:
            # Why the Hub could not be reached says more.
            raise error from None
        files = [one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()]
        return folder.name, sorted(files)

    def download(self, repo: str, file: str, commit: str) -> Path:
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(repo, file, revision=commit))

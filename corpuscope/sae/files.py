"""Saves and loads a dictionary as a folder; the format is in `docs/dictionary-format.md`."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.durable import sync
from corpuscope.errors import DictionaryError
from corpuscope.sae.arrays.files import load_arrays, save_arrays
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.weights import NAMES, Weights

if TYPE_CHECKING:
    import torch

DICTIONARY_FORMAT = "corpuscope dictionary"
VERSION = 2
"""The newest version; a dictionary is saved as version 1 if it uses nothing that 2 added."""
_CONFIG = "config.json"
_OWN_KEYS = {
    "format",
    "version",
    "reader",
    "context",
    "max_tokens",
    "masks",
    "parts",
    "training",
    "prepends_bos",
}
_FAULTS = (OSError, ValueError, KeyError, TypeError, AttributeError)


def load_own(folder: Path) -> Dictionary:
    """The dictionary in a folder that `save_dictionary` made; its weights as float32.

    Raises:
        DictionaryError: It is damaged.
    """
    config_path = folder / _CONFIG
    try:
        return _opened(folder, json.loads(config_path.read_text(encoding="utf-8")))
    except DictionaryError as error:
        raise DictionaryError(
            f"in {folder}: {error.found}", expected=error.expected, next_step=error.next_step
        ) from error
    except _FAULTS as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from error


def save_dictionary(
    dictionary: Dictionary, path: str | Path, *, dtype: "torch.dtype | str" = "float32"
) -> None:
    """Save the dictionary in a new folder, atomically.

    Args:
        dictionary: What is saved.
        path: The folder.
        dtype: The type of encoder and decoder on disk, or its name; biases and thresholds stay
            float32.

    Raises:
        DictionaryError: `path` exists.
    """
    folder = Path(path)
    if folder.exists():
        raise DictionaryError(
            f"{folder} already exists",
            expected="the name of a new folder",
            next_step="choose another name, or remove it first",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Write beside the target, sync, then rename: a kill leaves no partial dictionary.
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    _write(dictionary, temporary, dtype)
    for file in temporary.iterdir():
        sync(file)
    sync(temporary)
    temporary.rename(folder)
    sync(folder.parent)


def save_features(dictionary: Dictionary, path: str | Path) -> None:
    """Replace the table of features of a saved dictionary, atomically.

    Args:
        dictionary: The saved dictionary with other labels, scores and the like.
        path: Its folder.

    Raises:
        DictionaryError: The folder holds other weights or thresholds, or another format.
    """
    folder = Path(path)
    if not (folder / _CONFIG).is_file():
        raise DictionaryError(
            f"{folder} holds a dictionary of another format, or none",
            expected="a dictionary that corpuscope saved; other formats are not written to",
            next_step="save it in a new folder with save_dictionary",
        )
    if load_own(folder).digest != dictionary.digest:
        raise DictionaryError(
            f"another dictionary in {folder}",
            expected="the one whose features were labelled",
            next_step="save it as a new dictionary",
        )
    temporary = folder / ".features.tmp"
    pq.write_table(dictionary.features, temporary, compression="zstd")
    sync(temporary)
    temporary.rename(folder / "features.parquet")
    sync(folder)


def _write(dictionary: Dictionary, folder: Path, dtype: "torch.dtype | str") -> None:
    files = [f"{i}-{part.unit}.safetensors" for i, part in enumerate(dictionary.parts)]
    for part, name in zip(dictionary.parts, files, strict=True):
        save_arrays(part.weights.arrays, folder / name, dtype=dtype, only=("encoder", "decoder"))
    pq.write_table(dictionary.features, folder / "features.parquet", compression="zstd")
    config = json.dumps(_config(dictionary, files), indent=2, ensure_ascii=False)
    (folder / _CONFIG).write_text(config + "\n", encoding="utf-8")


def _config(dictionary: Dictionary, files: list[str]) -> dict[str, Any]:
    described = zip(dictionary.describe_parts(), files, strict=True)
    bos = {} if dictionary.prepends_bos is None else {"prepends_bos": dictionary.prepends_bos}
    return {
        "format": DICTIONARY_FORMAT,
        "version": _version_needed(dictionary),
        "reader": {"name": dictionary.reader_name, "revision": dictionary.revision},
        "context": dictionary.context,
        "max_tokens": dictionary.max_tokens,
        "masks": dict(dictionary.masks),
        **bos,
        "parts": [{**part, "file": file} for part, file in described],
        "training": dict(dictionary.training),
        **{key: value for key, value in dictionary.about.items() if key not in _OWN_KEYS},
    }


def _version_needed(dictionary: Dictionary) -> int:
    """The lowest version of the format that has what the dictionary uses."""
    is_newer = dictionary.prepends_bos is not None or any(
        part.site != "residual"
        or part.weights.token_norm
        or part.weights.firing["rule"] == "group-max"
        for part in dictionary.parts
    )
    return VERSION if is_newer else 1


def _opened(folder: Path, config: Mapping[str, Any]) -> Dictionary:
    if config.get("format") != DICTIONARY_FORMAT:
        raise _damaged(folder, f"the format {config.get('format')!r}")
    if not 1 <= int(config["version"]) <= VERSION:
        raise DictionaryError(
            f"format version {config['version']}",
            expected=f"at most {VERSION}",
            next_step="install a newer corpuscope",
        )
    return Dictionary(
        reader_name=str(config["reader"]["name"]),
        revision=str(config["reader"]["revision"]),
        context=config["context"],
        max_tokens=int(config["max_tokens"]),
        masks=config["masks"],
        parts=tuple(_part(folder, part) for part in config["parts"]),
        features=_features(folder),
        training=config.get("training", {}),
        about={key: value for key, value in config.items() if key not in _OWN_KEYS},
        prepends_bos=_bos(config.get("prepends_bos")),
    )


def _bos(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"prepends_bos {value!r}")


def _features(folder: Path) -> pa.Table:
    return pq.ParquetFile(folder / "features.parquet").read().replace_schema_metadata(None)


def _part(folder: Path, config: Mapping[str, Any]) -> Part:
    from safetensors import SafetensorError

    name = str(config["file"])
    if Path(name).name != name:
        raise _damaged(folder, f"a part outside the folder: {name}")
    try:
        arrays = load_arrays(folder / name)
    except SafetensorError as error:
        raise _damaged(folder / name, str(error)) from error
    if unknown := set(arrays) - {*NAMES, "theta"}:
        raise _damaged(folder / name, f"arrays {sorted(unknown)}")
    firing = _firing(config["firing"], has_theta="theta" in arrays)
    names = (*NAMES, "theta") if firing["rule"] == "threshold" else NAMES
    weights = Weights(
        {key: arrays[key] for key in names},
        firing=firing,
        input_scale=float(config["input_scale"]),
        unit_norm=bool(config["unit_norm"]),
        n_layers=len(config["layers"]),
        token_norm=_token_norm(config.get("token_norm")),
    )
    if weights.n_features != config["n_features"]:
        raise _damaged(folder / name, f"{weights.n_features} of {config['n_features']} features")
    layers = tuple(int(layer) for layer in config["layers"])
    return Part(config["unit"], layers, weights, config.get("site", "residual"))


def _firing(config: Mapping[str, Any], *, has_theta: bool) -> dict[str, Any]:
    rule = config["rule"]
    if rule == "top-k":
        return {"rule": rule, "k": int(config["k"])}
    if rule == "group-max":
        return {"rule": rule, "n_groups": int(config["n_groups"])}
    if rule == "relu" or (rule == "threshold" and has_theta):
        return {"rule": rule}
    raise ValueError(f"the firing rule {rule!r}, theta {'there' if has_theta else 'missing'}")


def _token_norm(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if config is None:
        return None
    divisor = config["divisor"]
    if divisor not in (None, "deviation", "root-mean-square"):
        raise ValueError(f"the divisor {divisor!r}")
    is_centred, epsilon = bool(config["is_centred"]), float(config["epsilon"])
    return {"is_centred": is_centred, "divisor": divisor, "epsilon": epsilon}


def _damaged(path: Path, found: str) -> DictionaryError:
    return DictionaryError(
        f"{path} is damaged ({found})",
        expected="a dictionary as docs/dictionary-format.md describes it",
        next_step="download or train it again",
    )

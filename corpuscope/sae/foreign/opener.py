"""Opens a foreign dictionary: recognises its layout, reads it, and says what it is."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.firing import GroupMax, Threshold
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found
from corpuscope.sae.foreign.hooks import Hook, hook_of
from corpuscope.sae.foreign.layouts import LAYOUTS, Match, config_of, matches
from corpuscope.sae.foreign.models import hub_name
from corpuscope.sae.foreign.supplement import FILE, Supplement, supplement_beside

_CONTEXT = 1024
"""How many tokens are read at once where a layout does not say what training used."""
_MASKS = {"special_tokens": "out", "template": "out", "roles": None, "outlier_norm": 10.0}
_MOST_NAMED = 20

_Reader = Callable[[Artifact, Path, Mapping[str, Any], Supplement], Found]


def open_foreign(
    path: str | Path | Artifact, *, supplement: Supplement | None = None
) -> Dictionary:
    """The dictionary that another project saved at a path; its weights as float32.

    Its strengths are in the units of that project, except for what `about["source"]["folds"]`
    says. Nothing in the files is run.

    Args:
        path: The folder or file, as that project saves or publishes it.
        supplement: What the files leave open, before what `corpuscope.json` beside them says.

    Raises:
        DictionaryError: The layout is unknown or ambiguous, a file is damaged, files contradict
            each other, or something is missing that has to be known.
    """
    artifact = path if isinstance(path, Artifact) else Artifact(Path(path))
    if not artifact.path.exists():
        raise DictionaryError(
            f"no {artifact.path}",
            expected="the folder or file of a dictionary",
            next_step="check the path",
        )
    known = (supplement or Supplement()).over(supplement_beside(artifact.path))
    match = the_match(artifact)
    try:
        found = _read(artifact, match, known)
        _check_sizes(found, match)
        hook, model = _place(found, known), known.reader or found.model
        return _dictionary(artifact, match, found, hook, _named_model(model), known)
    except DictionaryError as error:
        raise DictionaryError(
            f"in {artifact.path}, which has the layout {match.layout.name}: {error.found}",
            expected=error.expected,
            next_step=error.next_step,
        ) from error


def the_match(artifact: Artifact) -> Match:
    """The one layout that a path has, and why.

    Raises:
        DictionaryError: It has none, or several.
    """
    found = matches(artifact)
    if len(found) == 1:
        return found[0]
    if found:
        raise artifact.error(
            f"files of {len(found)} layouts: "
            + "; ".join(f"{one.layout.name}, as {one.why}" for one in found),
            expected="files of one",
            next_step="name the single file of weights, or move the others elsewhere",
        )
    named = ", ".join(artifact.files[:_MOST_NAMED]) or "nothing"
    n_more = len(artifact.files) - _MOST_NAMED
    raise artifact.error(
        f"no known layout of a dictionary; there is {named}"
        + (f" and {n_more} more files" if n_more > 0 else ""),
        expected="one of: " + "; ".join(f"{one.name}: {one.needs()}" for one in LAYOUTS),
        next_step="name the folder that holds the weights themselves, or see docs/dictionaries.md",
    )


def _read(artifact: Artifact, match: Match, known: Supplement) -> Found:
    module = import_module(f"corpuscope.sae.foreign.families.{match.layout.family}")
    read: _Reader = module.read
    try:
        return read(artifact, match.weights, config_of(match.layout, artifact), known)
    except DictionaryError:
        raise
    # What others wrote may lack any key, and have any type and shape.
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise DictionaryError(
            f"files that do not fit each other or the layout ({type(error).__name__}: {error})",
            expected=f"{match.layout.needs()}, as that project writes them",
            next_step="download it again, or report it if it is as published",
        ) from error


def _check_sizes(found: Found, match: Match) -> None:
    draft = found.draft
    shapes = {
        "decoder": (tuple(draft.decoder.shape), tuple(draft.encoder.shape)),
        "encoder bias": (tuple(draft.encoder_bias.shape), (len(draft.encoder),)),
        "decoder bias": (tuple(draft.decoder_bias.shape), (draft.encoder.shape[1],)),
    }
    if isinstance(draft.firing, Threshold):
        shapes["thresholds"] = tuple(draft.firing.theta.shape), (len(draft.encoder),)
    for name, (shape, expected) in shapes.items():
        if shape != expected:
            turned = name == "decoder" and shape == expected[::-1]
            raise DictionaryError(
                f"{match.weights.name}: a {name} of {_size(shape)} beside an encoder of "
                f"{_size(tuple(draft.encoder.shape))} (features x width)"
                + (", which is transposed" if turned else ""),
                expected=_size(expected),
                next_step="download it again, or choose another dictionary",
            )
    if isinstance(draft.firing, GroupMax) and len(draft.encoder) % draft.firing.n_groups:
        raise DictionaryError(
            f"{len(draft.encoder)} features in {draft.firing.n_groups} groups",
            expected="groups of equal size",
            next_step="choose another dictionary",
        )
    for what, stated, actual in zip(
        ("features", "width"), found.stated_size, draft.encoder.shape, strict=True
    ):
        if stated is not None and int(stated) != actual:
            raise DictionaryError(
                f"the configuration states {stated} {what}, and the weights have {actual}",
                expected="files of one dictionary",
                next_step="download both files again",
            )


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _place(found: Found, known: Supplement) -> Hook:
    if known.hook is not None:
        return hook_of(known.hook, model=known.reader or found.model or "")
    if found.hook is not None:
        return found.hook
    raise DictionaryError(
        "nothing that says where in the model the states are taken",
        expected="a hook point",
        next_step=f'put {{"hook": "blocks.8.hook_resid_post"}} or the like into {FILE} beside '
        "the weights, or pass it to open_foreign",
    )


def _named_model(model: str | None) -> str:
    if model:
        return model if Path(model).is_dir() else hub_name(model)
    raise DictionaryError(
        "nothing that says for which language model it was trained",
        expected="the name of the model",
        next_step=f'put {{"reader": "owner/name"}} into {FILE} beside the weights, or pass it to '
        "open_foreign",
    )


def _dictionary(
    artifact: Artifact, match: Match, found: Found, hook: Hook, model: str, known: Supplement
) -> Dictionary:
    sae, folds = found.draft.sae()
    n_features = sae.n_features
    table = pa.table(
        {
            "feature": pa.array(range(n_features), pa.int32()),
            "kind": ["token"] * n_features,
            "label": pa.nulls(n_features, pa.string()),
        }
    )
    bos = found.prepends_bos if known.prepends_bos is None else known.prepends_bos
    context = known.context_size or found.context_size
    notes = [*found.notes]
    if context is None:
        notes.append(f"the context of training is unknown; {_CONTEXT} tokens are read at once")
    _check_finite(found.draft)
    return Dictionary(
        reader_name=model,
        revision="any",
        context="passage",
        max_tokens=int(context or _CONTEXT),
        masks=dict(_MASKS),
        parts=(Part("token", (hook.layer,), sae, hook.site),),
        features=table,
        about={
            "source": {
                "layout": match.layout.name,
                "why": match.why,
                "repo": artifact.repo,
                "revision": artifact.revision,
                # Of what lies here only the name, which does not change when it is moved.
                "path": artifact.folder_in_repo or artifact.path.name,
                "file": found.weights_file,
                "sha256": artifact.sha256(match.weights),
                "folds": list(folds),
            },
            "expected_l0": _as_json(found.expected_l0),
            "notes": notes,
        },
        prepends_bos=bos,
    )


def _check_finite(draft: Draft) -> None:
    if not bool(torch.isfinite(torch.tensor(draft.input_scale))) or draft.input_scale <= 0:
        raise DictionaryError(
            f"the input scale {draft.input_scale}",
            expected="a positive number",
            next_step="correct the configuration, or corpuscope.json beside the weights",
        )


def _as_json(l0: tuple[float, float] | None) -> float | list[float] | None:
    if l0 is None:
        return None
    return float(l0[0]) if l0[0] == l0[1] else [float(l0[0]), float(l0[1])]

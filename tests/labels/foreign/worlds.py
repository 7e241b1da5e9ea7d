"""Labels as others write them."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SOURCE = "20-gemmascope-res-16k"


def explanation(index: int, description: str | None, **other: Any) -> dict[str, Any]:
    """A line of Neuronpedia's export."""
    return {
        "id": f"e{index}", "modelId": "gemma-2-2b", "layer": SOURCE, "index": str(index),
        "description": description, "authorId": "someone", "embedding": [0.1, -2.5],
        "typeName": "oai_token-act-pair", "explanationModelName": "gpt-4o-mini", "notes": None,
        "triggeredById": None, "createdAt": "2024-08-01T10:00:00.000Z",
    } | other  # fmt: skip


def write_batches(folder: Path, batches: Mapping[int, Sequence[dict[str, Any]]]) -> Path:
    """The explanations of a source, in packed batches of these numbers."""
    inner = folder / "gemma-2-2b" / SOURCE / "explanations"
    inner.mkdir(parents=True, exist_ok=True)
    for number, lines in batches.items():
        with gzip.open(inner / f"batch-{number}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    return inner


def judged(truth: bool, told: bool | None) -> dict[str, Any]:
    """A passage that Delphi's scorer judged."""
    return {
        "str_tokens": ["a", " word"], "activations": [0.0, 1.0], "distance": 1,
        "activating": truth, "prediction": told, "probability": None,
        "correct": None if told is None else truth == told,
    }  # fmt: skip


def write_run(
    folder: Path,
    explanations: Mapping[int, str],
    scores: Mapping[str, Mapping[int, object]] | None = None,
    *,
    hookpoint: str = "layers.10",
) -> Path:
    """A run folder of Delphi; explanations are written as they are given."""
    (folder / "explanations").mkdir(parents=True, exist_ok=True)
    name = hookpoint.replace("/", "--")
    for feature, text in explanations.items():
        (folder / "explanations" / f"{name}_latent{feature}.txt").write_text(text, "utf-8")
    for scorer, of_features in (scores or {}).items():
        (folder / "scores" / scorer).mkdir(parents=True, exist_ok=True)
        for feature, value in of_features.items():
            content = value if isinstance(value, str) else json.dumps(value)
            (folder / "scores" / scorer / f"{name}_latent{feature}.txt").write_text(content)
    config = {"model": "EleutherAI/pythia-160m", "explainer_model": "an explainer"}
    (folder / "run_config.json").write_text(json.dumps(config))
    return folder

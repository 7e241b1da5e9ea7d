"""Names of language models elsewhere, and the repositories of the Hugging Face Hub they mean."""

import re

_HUB = {
    "gpt2": "openai-community/gpt2",
    "gpt2-small": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
    "mistral-7b": "mistralai/Mistral-7B-v0.1",
    "mistral-7b-instruct": "mistralai/Mistral-7B-Instruct-v0.1",
    "tiny-stories-1l-21m": "roneneldan/TinyStories-1Layer-21M",
    "tiny-stories-2l-33m": "roneneldan/TinyStories-2Layers-33M",
    "tiny-stories-33m": "roneneldan/TinyStories-33M",
    "gpt-j-6b": "EleutherAI/gpt-j-6B",
}
_OWNERS = (
    (r"pythia-", "EleutherAI"),
    (r"gemma-", "google"),
    (r"(meta-)?llama-", "meta-llama"),
    (r"qwen", "Qwen"),
    (r"deepseek-", "deepseek-ai"),
)


def hub_name(name: str) -> str:
    """The repository of a model that others call by this name; the name itself if unknown.

    Example:
        >>> hub_name("gpt2-small"), hub_name("gemma-2-2b"), hub_name("google/gemma-3-4b-pt-v3")
        ('openai-community/gpt2', 'google/gemma-2-2b', 'google/gemma-3-4b-pt')
    """
    name = name.strip()
    if name.lower() in _HUB:
        return _HUB[name.lower()]
    if "/" not in name:
        owner = next((o for pattern, o in _OWNERS if re.match(pattern, name.lower())), None)
        name = f"{owner}/{name}" if owner else name
    if "gemma-3-" in name:
        # Gemma Scope 2 writes versions of its training; the Hub has the smallest without "-pt".
        name = re.sub(r"-v\d+$", "", name)
        name = re.sub(r"gemma-3-270m-pt$", "gemma-3-270m", name)
    return name

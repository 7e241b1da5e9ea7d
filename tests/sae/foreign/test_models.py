import pytest

from corpuscope.sae.foreign.models import hub_name


@pytest.mark.parametrize(("name", "hub"), [
    ("gpt2-small", "openai-community/gpt2"), ("gpt2", "openai-community/gpt2"),
    ("pythia-70m-deduped", "EleutherAI/pythia-70m-deduped"), ("gemma-2-2b", "google/gemma-2-2b"),
    ("gemma-3-4b-it-v3", "google/gemma-3-4b-it"), ("google/gemma-3-270m-pt", "google/gemma-3-270m"),
    ("mistral-7b", "mistralai/Mistral-7B-v0.1"), ("meta-llama/Llama-3.1-8B",) * 2, ("own",) * 2,
])  # fmt: skip
def test_names_elsewhere_mean_repositories_of_the_hub(name: str, hub: str) -> None:
    assert hub_name(name) == hub

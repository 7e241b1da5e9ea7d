"""Places on the Hub, with something in the Hub's place: no network is used."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpuscope.errors import DictionaryError
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.foreign import hub as hub_module
from corpuscope.sae.foreign.hub import HubPath, downloaded, hub_path
from corpuscope.sae.foreign.opener import open_foreign
from corpuscope.sae.formats import load_dictionary
from tests.sae.foreign.made import EXAMPLES
from tests.sae.worlds import random_dictionary


class FakeHub:
    """A folder in place of a repository; copies files into another, as the cache does."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self.cache = folder, cache
        self.asked: list[str] = []

    def files(self, repo: str, revision: str | None) -> tuple[str, Sequence[str]]:
        assert repo == "google/gemma-scope-2b-pt-res"
        names = [one.relative_to(self.folder) for one in self.folder.rglob("*") if one.is_file()]
        return "c0ffee", sorted(one.as_posix() for one in names)

    def download(self, repo: str, file: str, commit: str) -> Path:
        self.asked.append(file)
        target = self.cache / repo / "snapshots" / commit / file
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(self.folder / file, target))


class Unreachable:
    def files(self, repo: str, revision: str | None) -> tuple[str, Sequence[str]]:
        raise ConnectionError("Name or service not known\nand more")

    def download(self, repo: str, file: str, commit: str) -> Path:
        raise AssertionError


@pytest.mark.parametrize(("text", "place"), [
    ("hf:a/b", HubPath("a/b")),
    ("hf:a/b@v1", HubPath("a/b", "", "v1")),
    ("hf:a/b/c/d.pt", HubPath("a/b", "c/d.pt")),
    ("hf:a/b.c/layer_20/width_16k/@main", HubPath("a/b.c", "layer_20/width_16k", "main")),
    ("hf:a/b@refs/pr/1", HubPath("a/b", "", "refs/pr/1")),
])  # fmt: skip
def test_names_of_places(text: str, place: HubPath) -> None:
    assert hub_path(text) == place


@pytest.mark.parametrize("text", ["hf:", "hf:a", "hf:a/b/../../c", "hf:a/b@", "a/b"])
def test_names_that_are_none(text: str) -> None:
    with pytest.raises(DictionaryError, match="owner/name/folder@revision"):
        hub_path(text)


def repository(folder: Path) -> Path:
    EXAMPLES["gemma-scope-res"].write(folder)
    root = folder / "gemma-scope-2b-pt-res"
    (root / "README.md").write_text("about")
    (root / "layer_20" / "width_16k" / "average_l0_71" / "picture.png").touch()
    return root


def test_only_what_is_needed_is_downloaded_and_the_commit_is_recorded(tmp_path: Path) -> None:
    hub = FakeHub(repository(tmp_path / "there"), tmp_path / "here")
    name = "hf:google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71@main"
    one = open_foreign(downloaded(name, hub=hub))
    assert hub.asked == ["layer_20/width_16k/average_l0_71/params.npz"]
    assert one.parts[0].layers == (21,)
    source = one.about["source"]
    assert source["repo"] == "google/gemma-scope-2b-pt-res"
    assert source["revision"] == "c0ffee"
    assert source["path"] == "layer_20/width_16k/average_l0_71"
    assert str(tmp_path) not in str(one.about)


def test_configurations_above_come_along(tmp_path: Path) -> None:
    root = tmp_path / "there"
    EXAMPLES["sparsify-topk"].write(root)
    hub = FakeHub(root, tmp_path / "here")
    artifact = downloaded("hf:google/gemma-scope-2b-pt-res/layers.5", hub=hub)
    assert set(hub.asked) == {"config.json", "layers.5/cfg.json", "layers.5/sae.safetensors"}
    assert open_foreign(artifact).reader_name == "EleutherAI/pythia-160m"


def test_a_single_file_and_the_last_of_checkpoints(tmp_path: Path) -> None:
    root = tmp_path / "there"
    (root / "checkpoints").mkdir(parents=True)
    for name in ("a.pth", "checkpoints/final.safetensors", "checkpoints/step_1.safetensors"):
        (root / name).touch()
    hub = FakeHub(root, tmp_path / "here")
    artifact = downloaded("hf:google/gemma-scope-2b-pt-res/a.pth", hub=hub)
    assert (artifact.path.name, hub.asked) == ("a.pth", ["a.pth"])
    hub.asked = []
    artifact = downloaded("hf:google/gemma-scope-2b-pt-res", hub=hub)
    assert hub.asked == ["a.pth", "checkpoints/final.safetensors"]
    assert (artifact.path / "checkpoints" / "final.safetensors").is_file()


def test_a_folder_without_weights_names_those_that_have_some(tmp_path: Path) -> None:
    hub = FakeHub(repository(tmp_path / "there"), tmp_path / "here")
    with pytest.raises(DictionaryError) as caught:
        downloaded("hf:google/gemma-scope-2b-pt-res/layer_20", hub=hub)
    assert "no weights in layer_20" in caught.value.found
    assert "layer_20/width_16k/average_l0_71" in caught.value.expected
    assert hub.asked == []


def test_a_hub_that_cannot_be_reached_is_a_clear_error() -> None:
    with pytest.raises(DictionaryError) as caught:
        downloaded("hf:a/b/c@main", hub=Unreachable())
    assert "Name or service not known)" in caught.value.found
    assert "network" in caught.value.next_step


def test_without_a_network_what_is_in_the_cache_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    root = repository(tmp_path / "there") / ".." / "gemma-scope-2b-pt-res"

    def offline(*_: object, **__: object) -> None:
        raise RuntimeError("no network")

    def cached(*_: object, local_files_only: bool, **__: object) -> str:
        assert local_files_only
        return str(root.resolve())

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", offline)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", cached)
    commit, files = hub_module._HuggingFace().files("google/gemma-scope-2b-pt-res", None)
    assert commit == "gemma-scope-2b-pt-res"
    assert "layer_20/width_16k/average_l0_71/params.npz" in files
    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(DictionaryError, match="no network"):
        downloaded("hf:google/gemma-scope-2b-pt-res")


def test_loading_by_name_opens_both_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "there")
    save_dictionary(random_dictionary(), root / "own")
    hub = FakeHub(root, tmp_path / "here")
    # Our own format has its table of features beside the weights.
    monkeypatch.setattr(hub_module, "_HuggingFace", lambda: hub)
    place = "hf:google/gemma-scope-2b-pt-res"
    foreign = load_dictionary(f"{place}/layer_20/width_16k/average_l0_71")
    assert foreign.reader_name == "google/gemma-2-2b"
    assert load_dictionary(f"{place}/own").digest == random_dictionary().digest

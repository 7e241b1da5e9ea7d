import pytest

from corpuscope.errors import ReaderError
from corpuscope.extras import check_extra, explained


def test_a_missing_package_is_named_with_the_extra_that_brings_it() -> None:
    check_extra("gguf", ("json", "re"), what="reading GGUF files")
    with pytest.raises(ReaderError, match="GGUF files needs no_such_package") as caught:
        check_extra("gguf", ("json", "no_such_package"), what="reading GGUF files")
    assert caught.value.expected == "the extra [gguf] of corpuscope"
    assert "pip install '.[gguf]'" in caught.value.next_step


def test_a_missing_module_of_an_extra_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleNotFoundError("no", name="antigravity2")
    assert explained(other, "this command") is None
    monkeypatch.setattr("corpuscope.extras.find_spec", lambda name: None)
    found = explained(ModuleNotFoundError("no", name="torch"), "this command")
    assert isinstance(found, ReaderError)
    assert "this command needs torch" in str(found)
    assert "pip install 'corpuscope[read]'" in found.next_step

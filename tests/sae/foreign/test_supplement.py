import json
from pathlib import Path

import pytest

from corpuscope.errors import DictionaryError
from corpuscope.sae.foreign.opener import open_foreign
from corpuscope.sae.foreign.supplement import Supplement, file_beside, supplement_beside
from tests.sae.foreign.made import EXAMPLES


def test_what_is_said_in_python_goes_before_what_the_file_says(tmp_path: Path) -> None:
    path = EXAMPLES["saelens-standard"].write(tmp_path)
    said = {"hook": "blocks.2.hook_resid_post", "context_size": 32, "prepends_bos": False}
    (path / "corpuscope.json").write_text(json.dumps(said))
    one = open_foreign(path)
    assert (one.parts[0].layers, one.max_tokens, one.prepends_bos) == ((3,), 32, False)
    one = open_foreign(path, supplement=Supplement(hook="blocks.4.hook_resid_post"))
    assert (one.parts[0].layers, one.max_tokens) == ((5,), 32)


def test_beside_a_single_file_it_has_that_files_name(tmp_path: Path) -> None:
    path = EXAMPLES["goodfire"].write(tmp_path)
    file = file_beside(path)
    assert file.name == "Llama-3.1-8B-Instruct-SAE-l19.pth.corpuscope.json"
    file.write_text('{"reader": "tiny/llama"}')
    assert open_foreign(path).reader_name == "tiny/llama"


@pytest.mark.parametrize("content", [
    "{", "[]", '{"layer": 3}', '{"context_size": "64"}', '{"context_size": true}',
    '{"prepends_bos": 1}',
])  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "corpuscope.json").write_text(content)
    with pytest.raises(DictionaryError) as caught:
        supplement_beside(tmp_path)
    assert "context_size" in caught.value.expected


def test_states_may_be_centred_by_what_is_said(tmp_path: Path) -> None:
    path = EXAMPLES["saelens-5"].write(tmp_path)
    assert open_foreign(path).parts[0].sae.token_norm is None
    norm = open_foreign(path, supplement=Supplement(centres_states=True)).parts[0].sae.token_norm
    assert norm is not None
    assert norm.is_centred
    path = EXAMPLES["saelens-centred"].write(tmp_path / "c")
    plain = open_foreign(path, supplement=Supplement(centres_states=False))
    assert plain.parts[0].sae.token_norm is None

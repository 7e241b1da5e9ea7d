from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from corpuscope.errors import ReaderError
from corpuscope.reader.language_model import LanguageModel, load_reader
from tests.reader.tiny import TEXTS, chat_reader, tiny_bert, tiny_gpt2, tiny_llama

MAKERS = [tiny_bert, tiny_gpt2, tiny_llama]


def padded(reader: LanguageModel) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(5, 60, (3, 10), generator=generator)
    mask = torch.ones(3, 10, dtype=torch.bool)
    mask[1, 6:] = False
    mask[2, 1:] = False
    return ids * mask, mask


@pytest.mark.parametrize("make", MAKERS)
def test_states_of_inner_layers_are_those_of_the_whole_model(
    make: Callable[[], LanguageModel],
) -> None:
    reader = make()
    ids, mask = padded(reader)
    whole = reader.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    layers = list(range(reader.n_layers))
    found = reader.states(ids, mask, layers=layers)
    for layer in layers:
        torch.testing.assert_close(found[layer][mask], whole.hidden_states[layer][mask])


def test_the_last_layer_of_a_decoder_is_taken_before_the_final_norm() -> None:
    reader = tiny_llama()
    ids, mask = padded(reader)
    whole = reader.model(input_ids=ids, attention_mask=mask).last_hidden_state
    found = reader.states(ids, mask, layers=[reader.n_layers])[reader.n_layers]
    torch.testing.assert_close(reader.model.norm(found)[mask], whole[mask])
    assert not torch.allclose(found[mask], whole[mask])


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_runs_after_the_deepest_layer(make: Callable[[], LanguageModel]) -> None:
    reader = make()
    ran: list[int] = []
    for number, block in enumerate(reader.blocks, start=1):
        block.register_forward_hook(lambda *_, number=number: ran.append(number))
    reader.states(*padded(reader), layers=[1, 2])
    assert ran in ([1, 2], [1])  # The tap at 2 may stop before the counter there.


def test_threads_that_share_a_model_each_get_what_they_asked_for() -> None:
    reader = tiny_bert()
    ids, mask = padded(reader)
    wanted = [[1], [2, 4], [3], [0, 1]] * 8
    alone = [reader.states(ids, mask, layers=layers) for layers in wanted]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda layers: reader.states(ids, mask, layers=layers), wanted))
    for one, other in zip(alone, together, strict=True):
        assert one.keys() == other.keys()
        for layer in one:
            torch.testing.assert_close(one[layer], other[layer])


def test_a_model_that_was_read_still_runs_to_its_end() -> None:
    reader = tiny_bert()
    ids, mask = padded(reader)
    reader.states(ids, mask, layers=[1])
    whole = reader.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    assert len(whole.hidden_states) == reader.n_layers + 1


@pytest.mark.parametrize("make", MAKERS)
def test_a_text_alone_has_the_states_it_has_beside_longer_ones(
    make: Callable[[], LanguageModel],
) -> None:
    reader = make()
    ids, mask = padded(reader)
    together = reader.states(ids, mask, layers=[2])[2]
    alone = reader.states(ids[1:2, :6], mask[1:2, :6], layers=[2])[2]
    torch.testing.assert_close(alone[0], together[1, :6], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("layers", [[5], [-1, 2], []])
def test_a_layer_that_is_not_there_is_refused(layers: list[int]) -> None:
    with pytest.raises(ReaderError, match="layers from 0 to 4"):
        tiny_bert().states(*padded(tiny_bert()), layers=layers)


def test_tokens_are_never_truncated_nor_padded_and_know_their_texts() -> None:
    tokens = tiny_bert().tokenize([*TEXTS, "", "a"])
    assert tokens.texts.max() == 5
    assert (tokens.texts == 4).sum() == 0
    assert (tokens.texts == 0).sum() > 8, "the tokenizer's own limit of 8 was kept"
    first = tokens.texts == 0
    spans = zip(tokens.starts[first], tokens.ends[first], strict=True)
    words = {TEXTS[0][a:b] for a, b in spans}
    assert {"The", "cat", "mat", "!"} <= words


def test_the_frame_is_what_the_tokenizer_puts_around_a_text() -> None:
    assert tiny_bert().frame == ([2], [3])
    assert tiny_llama().frame == ([0], [])


def test_a_special_token_in_the_text_is_special_and_an_unknown_one_is_not() -> None:
    tokens = tiny_bert().tokenize(["cat [SEP] cat", "😀 cat"])
    first = tokens.texts == 0
    assert tokens.is_special[first].tolist().count(True) == 1
    assert not tokens.is_special[~first].any()
    assert (tokens.ids[~first][0]) == 1, "an emoji is unknown to it"


def test_added_control_tokens_are_special_in_a_text() -> None:
    reader = chat_reader()
    tokens = reader.tokenize(["cat <|user|> cat"])
    assert tokens.is_special.tolist().count(True) == 1
    assert reader.notes == ()
    assert tiny_llama().template_digest is None
    assert reader.template_digest


def test_bytes_of_one_character_stand_for_all_of_it() -> None:
    text = "a😀b"
    tokens = tiny_llama().tokenize([text])
    spans = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
    assert spans.count((1, 2)) == 4
    assert spans[0] == (0, 1)
    assert spans[-1] == (2, 3)


def test_the_built_in_reader_loads_offline_and_knows_where_words_are() -> None:
    reader = load_reader()
    assert (reader.width, reader.n_layers) == (384, 6)
    text = "Naïve cafés\x00 cost £5 — שלום 😀!"
    tokens = reader.tokenize([text])
    assert [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)][-2:] == ["😀", "!"]
    assert np.all(tokens.ends > tokens.starts)


def test_a_reader_that_is_not_there_is_named(tmp_path: object) -> None:
    with pytest.raises(ReaderError, match="there is no"):
        load_reader(f"{tmp_path}/nothing")


def saved(reader: LanguageModel, folder: Path) -> Path:
    reader.model.save_pretrained(folder)  # type: ignore[operator]
    reader.tokenizer.save_pretrained(folder)
    return folder


def test_a_reader_in_a_folder_is_known_by_what_it_is_and_not_by_where_it_lies(
    tmp_path: Path,
) -> None:
    first = load_reader(str(saved(tiny_bert(), tmp_path / "here" / "tiny")))
    (tmp_path / "here").rename(tmp_path / "there")
    moved = load_reader(str(tmp_path / "there" / "tiny"))
    assert (moved.name, moved.revision) == (first.name, first.revision)
    assert first.name == "tiny"
    assert str(tmp_path) not in first.revision
    other = load_reader(str(saved(tiny_gpt2(), tmp_path / "other" / "tiny")))
    assert other.revision != first.revision

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import (
    BertConfig,
    BertForMaskedLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import DictionaryError, NotEnoughData, ReaderError
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.firing import Relu
from corpuscope.sae.model import SAE
from corpuscope.training.loss_recovered.lm_head import PredictingModel, Splice, predicting_model
from corpuscope.training.loss_recovered.measure import (
    LossRecovered,
    LossSettings,
    loss_recovered,
    losses_recovered,
)
from tests.reader.tiny import TEXTS, byte_pieces, tiny_bert, word_pieces
from tests.sae.worlds import feature_table, random_dictionary, random_sae

WIDTH = 16
SENTENCES = [
    "The cat sat on the mat.",
    "Dogs do not know.",
    "Fry the onion, take the pan, heat the oil.",
    "One two three four five six seven.",
    "It was warm there, and the cat slept!",
]
Model = tuple[Any, LanguageModel]


def gpt2() -> Model:
    torch.manual_seed(0)
    sizes = {"n_embd": WIDTH, "n_layer": 3, "n_head": 2, "n_positions": 64}
    # Large first weights: else states hardly matter to what is predicted.
    config = GPT2Config(vocab_size=len(byte_pieces()), initializer_range=0.3, **sizes)
    return with_reader(GPT2LMHeadModel(config), byte_pieces())


def llama(kind: Any = LlamaForCausalLM, config: Any = LlamaConfig, **more: Any) -> Model:
    torch.manual_seed(0)
    made = config(
        vocab_size=len(byte_pieces()),
        hidden_size=WIDTH,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.3,
        **more,
    )
    return with_reader(kind(made), byte_pieces())


def gemma() -> Model:
    """Its logits are capped after its last map."""
    return llama(Gemma2ForCausalLM, Gemma2Config, head_dim=8, final_logit_softcapping=2.0)


def bert() -> Model:
    torch.manual_seed(0)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=word_pieces().backend_tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
    )
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.3,
    )
    return with_reader(BertForMaskedLM(config), tokenizer)


def with_reader(model: Any, tokenizer: Any) -> Model:
    model = model.eval().requires_grad_(requires_grad=False)
    return model, LanguageModel(model.base_model, tokenizer, name="tiny/model", revision="1")


def identity(**changes: Any) -> SAE:
    """A feature for each axis and one for its opposite: nothing is lost."""
    axes = torch.cat([torch.eye(WIDTH), -torch.eye(WIDTH)])
    sae = SAE(axes, axes.clone(), torch.zeros(2 * WIDTH), torch.zeros(WIDTH), Relu(), 1.25)
    return replace(sae, **changes)


def constant(state: torch.Tensor) -> SAE:
    """No feature ever fires, so this state is all that is decoded."""
    silent = torch.full((2 * WIDTH,), -1.0)
    nothing = torch.zeros(2 * WIDTH, WIDTH)
    return SAE(nothing, nothing.clone(), silent, state, Relu())


def dictionary(sae: SAE, layer: int = 2, **changes: Any) -> Dictionary:
    found = Dictionary(
        reader_name="tiny/model",
        revision="1",
        context="passage",
        max_tokens=64,
        masks={"special_tokens": "out", "template": "out", "roles": None, "outlier_norm": None},
        parts=(Part("token", (layer,), sae),),
        features=feature_table(sae.n_features, 0, None),
    )
    return replace(found, **changes)


def corpus(texts: Sequence[str] = tuple(TEXTS)) -> Corpus:
    return read_corpus([{"text": text} for text in texts])


def judged(made: Model, sae: SAE, texts: Sequence[str] = SENTENCES, **more: Any) -> LossRecovered:
    model, reader = made
    settings = {"layer": 2, "max_tokens_judged": 10_000} | more
    own = {key: settings.pop(key) for key in ("layer", "masks", "context") if key in settings}
    found = dictionary(sae, **own)
    return loss_recovered(
        found, corpus(texts), model=model, reader=reader, settings=LossSettings(**settings)
    )


def figures(found: LossRecovered) -> tuple[float, float, float, float]:
    """What is worked out by hand, too."""
    return found.ce_original, found.ce_reconstructed, found.ce_ablated, found.kl


@pytest.mark.parametrize("make", [gpt2, llama, gemma, bert])
@pytest.mark.parametrize("layer", [0, 2, 3])
@pytest.mark.parametrize("unit_norm", [False, True])
def test_a_dictionary_that_loses_nothing_costs_nothing(
    make: Callable[[], Model], layer: int, unit_norm: bool
) -> None:
    found = judged(make(), identity(unit_norm=unit_norm), layer=layer)
    assert found.delta == pytest.approx(0, abs=1e-5)
    assert found.kl == pytest.approx(0, abs=1e-5)
    assert abs(found.ce_ablated - found.ce_original) > 1e-3
    assert found.loss_recovered == pytest.approx(1, abs=1e-2)
    assert found.kl_recovered == pytest.approx(1, abs=1e-2)
    assert found.layer == layer


@pytest.mark.parametrize("make", [gpt2, bert])
@pytest.mark.parametrize("ablation", ["mean", "zero"])
def test_a_dictionary_that_is_no_better_than_the_ablation_recovers_nothing(
    make: Callable[[], Model], ablation: str
) -> None:
    made = make()
    state = torch.zeros(WIDTH)
    if ablation == "mean":
        states = [states[places] for states, places, *_ in by_hand(made, SENTENCES, layer=2)]
        state = torch.cat(states).double().mean(dim=0).float()
    found = judged(made, constant(state), ablation=ablation)
    assert found.ablation == ablation
    assert found.ce_reconstructed == pytest.approx(found.ce_ablated, abs=1e-6)
    assert found.loss_recovered == pytest.approx(0, abs=1e-4)
    assert found.kl_recovered == pytest.approx(0, abs=1e-4)


def test_the_mean_is_another_ablation_than_zero_of_the_same_losses() -> None:
    mean, zero = (judged(gpt2(), random_sae(), ablation=kind) for kind in ("mean", "zero"))
    # As many threads as cores are free: sums over other pieces end with other last digits.
    assert mean.ce_original == pytest.approx(zero.ce_original, rel=1e-6)
    assert mean.ce_reconstructed == pytest.approx(zero.ce_reconstructed, rel=1e-6)
    assert mean.kl == pytest.approx(zero.kl, rel=1e-5)
    assert mean.ce_ablated != zero.ce_ablated


Passage = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def by_hand(made: Model, texts: Sequence[str], *, layer: int, seed: int = 0) -> list[Passage]:
    """For each text its states after the layer, where they count, and what is predicted where."""
    model, reader = made
    before, after = reader.frame
    generator = np.random.default_rng(seed)
    found = []
    for text in texts:
        tokens = reader.tokenize([text])
        ids = torch.tensor([*before, *tokens.ids.tolist(), *after])
        # A token that is nothing but a space has no characters of its own, and does not count.
        places = torch.from_numpy(np.flatnonzero(tokens.ends > tokens.starts) + len(before))
        at, targets = torch.arange(len(ids) - 1), ids[1:]
        if isinstance(model, BertForMaskedLM):
            at = places[torch.from_numpy(generator.random(len(places)) < 0.15)]
            targets, ids = ids[at], ids.clone()
            ids[at] = reader.tokenizer.mask_token_id
        states = through(blocks_of(model)[:layer], first_states(model, ids))
        found.append((states, places, at, targets))
    return found


def first_states(model: Any, ids: torch.Tensor) -> torch.Tensor:
    if isinstance(model, BertForMaskedLM):
        return model.bert.embeddings(ids[None])[0]
    body = model.transformer
    return body.wte(ids) + body.wpe(torch.arange(len(ids)))


def blocks_of(model: Any) -> Any:
    return model.bert.encoder.layer if isinstance(model, BertForMaskedLM) else model.transformer.h


def through(blocks: Any, states: torch.Tensor) -> torch.Tensor:
    for block in blocks:
        output = block(states[None])
        states = (output[0] if isinstance(output, tuple) else output).reshape(states.shape)
    return states


def predictions(model: Any, states: torch.Tensor, layer: int) -> torch.Tensor:
    """Log probabilities at each position, from states after the layer."""
    last = through(blocks_of(model)[layer:], states)
    if isinstance(model, BertForMaskedLM):
        return model.cls(last[None])[0].log_softmax(dim=-1)
    return model.lm_head(model.transformer.ln_f(last)).log_softmax(dim=-1)


def expected(
    made: Model, passages: Sequence[Passage], layer: int, sae: SAE, keep: Callable[..., Any]
) -> tuple[float, float, float, float]:
    """The three losses (mean ablation) and the divergence; `keep` says which states change."""
    kept = [places[keep(states[places])] for states, places, *_ in passages]
    pairs = list(zip(passages, kept, strict=True))
    mean = torch.cat([states[places] for (states, *_), places in pairs]).mean(dim=0)
    losses: list[list[torch.Tensor]] = [[], [], []]
    divergences = []
    for (states, _, at, targets), places in pairs:
        rebuilt, ablated = states.clone(), states.clone()
        rebuilt[places] = sae.decode(sae.encode(states[places]))
        ablated[places] = mean
        runs = [predictions(made[0], each, layer)[at] for each in (states, rebuilt, ablated)]
        for into, run in zip(losses, runs, strict=True):
            into.append(-run[torch.arange(len(targets)), targets])
        divergences.append((runs[0].exp() * (runs[0] - runs[1])).sum(dim=1))
    original, reconstructed, without = (float(torch.cat(each).mean()) for each in losses)
    return original, reconstructed, without, float(torch.cat(divergences).mean())


@pytest.mark.parametrize("make", [gpt2, bert])
@pytest.mark.parametrize("layer", [0, 1, 3])
def test_losses_are_those_of_a_forward_pass_written_by_hand(
    make: Callable[[], Model], layer: int
) -> None:
    made, sae = make(), random_sae()
    passages = by_hand(made, SENTENCES, layer=layer)
    found = judged(made, sae, layer=layer)
    wanted = expected(made, passages, layer, sae, lambda states: torch.ones(len(states)).bool())
    assert figures(found) == pytest.approx(wanted, rel=1e-4)
    assert found.n_tokens == sum(len(targets) for *_, targets in passages)
    assert abs(found.delta) > 1e-3
    assert found.predicted == ("masked" if make is bert else "next")


def test_outliers_are_left_as_they_are() -> None:
    made, sae = gpt2(), random_sae()
    passages = by_hand(made, SENTENCES, layer=2)
    lengths = torch.cat([states[places] for states, places, *_ in passages]).norm(dim=1)
    limit = 1.05 * float(lengths.median())
    wanted = expected(made, passages, 2, sae, lambda states: states.norm(dim=1) <= limit)
    masks = {"special_tokens": "out", "template": "out", "roles": None, "outlier_norm": 1.05}
    found = judged(made, sae, masks=masks)
    assert figures(found) == pytest.approx(wanted, rel=1e-4)
    assert found.n_replaced == int((lengths <= limit).sum()) < len(lengths)


def test_only_what_the_roles_say_is_replaced() -> None:
    made, sae = gpt2(), random_sae()
    messages = [{"role": "user", "content": "Why do cats sleep?"}]
    messages += [{"role": "assistant", "content": "Nobody knows."}]
    spoken = read_corpus([{"messages": messages}])
    document: Document = next(iter(spoken))
    (role,) = [role for role in document.roles if role.role == "assistant"]
    tokens = made[1].tokenize([document.text])
    (states, places, at, targets), *_ = by_hand(made, [document.text], layer=2)
    counts = torch.from_numpy(tokens.starts >= role.start)[places - len(made[1].frame[0])]
    wanted = expected(
        made, [(states, places[counts], at, targets)], 2, sae, lambda s: torch.ones(len(s)).bool()
    )
    found = loss_recovered(
        dictionary(sae),
        spoken,
        model=made[0],
        reader=made[1],
        settings=LossSettings(roles=["assistant"]),
    )
    assert found.n_replaced == int(counts.sum()) < len(tokens.ids)
    assert figures(found) == pytest.approx(wanted, rel=1e-4)


def test_several_dictionaries_share_the_passes_of_the_unmodified_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, reader = gpt2()
    several = {
        "a": dictionary(random_sae()),
        "deeper": dictionary(random_sae(), layer=3),
        "b": dictionary(identity()),
    }
    n_passes = [0]
    passed = PredictingModel.last_states

    def counted(self: PredictingModel, *given: Any) -> Any:
        n_passes[0] += 1
        return passed(self, *given)

    monkeypatch.setattr(PredictingModel, "last_states", counted)
    found = losses_recovered(several, corpus(SENTENCES), model=model, reader=reader)
    # Two of their own for each layer, and one for each dictionary.
    assert n_passes[0] == 2 * 2 + 3
    assert list(found) == ["a", "deeper", "b"]
    for name, one in several.items():
        alone = loss_recovered(one, corpus(SENTENCES), model=model, reader=reader)
        assert figures(found[name]) == pytest.approx(figures(alone), abs=1e-6)


@pytest.mark.parametrize("make", [gpt2, bert])
def test_the_tokens_of_each_role_are_judged_apart(make: Callable[[], Model]) -> None:
    model, reader = make()
    messages = [{"role": "user", "content": "Why do cats sleep on the mat? " * 4}]
    messages += [{"role": "assistant", "content": "Nobody knows that, not even they. " * 4}]
    found = loss_recovered(
        dictionary(random_sae()), read_corpus([{"messages": messages}] * 3), model=model,
        reader=reader,
    )  # fmt: skip
    roles = found.by_role
    assert list(roles) == ["user", "assistant"]
    assert sum(one.n_tokens for one in roles.values()) <= found.n_tokens
    assert roles["user"].ce_original != roles["assistant"].ce_original
    n = {role: one.n_tokens for role, one in roles.items()}
    if sum(n.values()) == found.n_tokens:
        mean = sum(n[role] * one.kl for role, one in roles.items()) / found.n_tokens
        assert mean == pytest.approx(found.kl)
    assert list(found.to_json()["by_role"]) == ["user", "assistant"]


def test_texts_without_roles_are_judged_as_a_whole() -> None:
    found = judged(gpt2(), random_sae())
    assert not found.by_role
    assert "by_role" not in found.to_json()


def test_a_token_is_of_the_role_that_speaks_it() -> None:
    model, reader = gpt2()
    one = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b " * 20}]
    found = loss_recovered(
        dictionary(random_sae()), read_corpus([{"messages": one}]), model=model, reader=reader
    )
    document: Document = next(iter(read_corpus([{"messages": one}])))
    (second,) = [role for role in document.roles if role.role == "assistant"]
    tokens = reader.tokenize([document.text])
    # Lone spaces have no characters of their own.
    spoken = (tokens.starts >= second.start) & (tokens.starts < tokens.ends)
    assert found.by_role["assistant"].n_tokens == int(spoken.sum())
    assert found.by_role["assistant"].n_tokens < found.n_tokens


@pytest.mark.parametrize("make", [gpt2, bert])
def test_a_splice_changes_its_places_at_its_layer_and_nothing_before(
    make: Callable[[], Model],
) -> None:
    model, reader = make()
    lm = predicting_model("tiny/model", reader=reader, model=model)
    ids, mask = torch.randint(5, 30, (2, 6)), torch.ones(2, 6, dtype=torch.bool)
    met: dict[int, torch.Tensor] = {}

    def look(number: int) -> Any:
        def hook(_block: nn.Module, args: Any, kwargs: Any) -> None:
            met[number] = (args[0] if args else kwargs["hidden_states"]).clone()

        return hook

    for number, block in enumerate(reader.blocks):
        block.register_forward_pre_hook(look(number), with_kwargs=True)
    lm.last_states(ids, mask)
    before = dict(met)
    lm.last_states(ids, mask, Splice(1, torch.tensor([2, 9]), torch.full((2, WIDTH), 7.0)))
    changed = (met[1] != before[1]).any(dim=2)
    assert changed.flatten().nonzero()[:, 0].tolist() == [2, 9]
    assert torch.all(met[1][changed] == 7.0)
    assert torch.equal(met[0], before[0])
    assert not torch.equal(met[2], before[2])
    lm.last_states(ids, mask)
    assert all(torch.equal(met[number], before[number]) for number in before)


@pytest.mark.parametrize("make", [gpt2, llama, gemma, bert])
def test_predictions_are_those_of_the_whole_model(make: Callable[[], Model]) -> None:
    model, reader = make()
    lm = predicting_model("tiny/model", reader=reader, model=model)
    ids, mask = torch.randint(5, 30, (2, 6)), torch.ones(2, 6, dtype=torch.bool)
    wanted = model(input_ids=ids, attention_mask=mask).logits.log_softmax(dim=-1).flatten(0, 1)
    last = lm.last_states(ids, mask).flatten(0, 1)
    found = torch.cat([lm.log_probabilities(part) for part in torch.split(last, 5)])
    torch.testing.assert_close(found, wanted)
    after = model(input_ids=ids, attention_mask=mask).logits.log_softmax(dim=-1).flatten(0, 1)
    assert torch.equal(after, wanted)
    assert lm.is_causal == (make is not bert)
    assert lm.n_tokens == wanted.shape[1]


def test_masks_are_the_same_in_all_runs_and_from_call_to_call() -> None:
    model, reader = bert()
    fed: list[torch.Tensor] = []
    model.bert.embeddings.register_forward_pre_hook(
        lambda _model, _args, kwargs: fed.append(kwargs["input_ids"].clone()), with_kwargs=True
    )
    first = judged((model, reader), random_sae(), seed=3)
    mask = reader.tokenizer.mask_token_id
    states_of_mean, states, *runs = fed
    assert len(runs) == 3
    assert all(torch.equal(ids, states_of_mean) for ids in (states, *runs))
    assert int((states == mask).sum()) == first.n_tokens > 0
    again = judged((model, reader), random_sae(), seed=3)
    assert again.n_tokens == first.n_tokens
    assert again.ce_original == pytest.approx(first.ce_original, rel=1e-6)
    assert again.kl == pytest.approx(first.kl, rel=1e-5)
    assert judged((model, reader), random_sae(), seed=4).ce_original != first.ce_original


def test_what_is_read_together_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [judged(make(), random_sae(), TEXTS * 5) for make in (gpt2, bert)]
    # The module goes by the name of its function.
    module = sys.modules["corpuscope.training.loss_recovered.measure"]
    monkeypatch.setattr(LanguageModel, "load_characters", 1)
    monkeypatch.setattr(LanguageModel, "good_batch_tokens", 64)
    monkeypatch.setattr(module, "_LOGIT_BYTES", 1)
    monkeypatch.setattr("corpuscope.training.loss_recovered.texts._DOCUMENTS", 3)
    for make, wanted in zip((gpt2, bert), whole, strict=True):
        found = judged(make(), random_sae(), TEXTS * 5)
        assert figures(found) == pytest.approx(figures(wanted), rel=1e-4)
        assert (found.n_tokens, found.n_replaced) == (wanted.n_tokens, wanted.n_replaced)


def test_about_a_seventh_of_the_tokens_are_masked_and_reading_stops() -> None:
    found = judged(bert(), random_sae(), SENTENCES * 100)
    assert 0.13 < found.n_tokens / found.n_replaced < 0.17
    short = judged(bert(), random_sae(), SENTENCES * 2000, max_tokens_judged=100)
    assert 100 <= short.n_tokens < 2000


def test_sentences_are_read_one_by_one_where_the_dictionary_does() -> None:
    text = " ".join(SENTENCES)
    alone = judged(gpt2(), random_sae(), [text], context="sentence")
    assert alone.n_tokens == judged(gpt2(), random_sae()).n_tokens
    assert alone.ce_original != judged(gpt2(), random_sae(), [text]).ce_original


def test_json_has_all_figures() -> None:
    found = judged(gpt2(), identity()).to_json()
    assert {"delta", "loss_recovered", "kl_recovered", "kl", "n_tokens"} <= set(found)
    free = LossRecovered("next", "mean", 1, 1, 1, 2.0, 2.0, 2.0, 0.0, 0.0)
    assert free.to_json()["loss_recovered"] is None
    assert free.to_json()["kl_recovered"] is None
    worked = LossRecovered("next", "mean", 1, 1, 1, 2.0, 2.5, 4.0, 0.3, 1.2)
    assert (worked.delta, worked.loss_recovered) == (0.5, 0.75)
    assert worked.kl_recovered == pytest.approx(0.75)


def test_what_cannot_be_spliced_is_refused() -> None:
    model, reader = bert()
    both = dictionary(random_sae(24, 32), parts=(Part("token", (1, 2), random_sae(24, 32)),))
    sentences = replace(
        dictionary(random_sae()),
        parts=(Part("sentence", (2,), random_sae()),),
        features=feature_table(0, 24, None),
    )
    for each in (both, sentences):
        with pytest.raises(
            DictionaryError, match="a single part for tokens, after exactly one layer"
        ):
            loss_recovered(each, corpus(), model=model, reader=reader)
    found = loss_recovered(
        random_dictionary(reader="tiny/model"), corpus(), model=model, reader=reader
    )
    assert found.layer == 2, "a sentence part beside it does no harm"


def test_a_reader_that_does_not_fit_is_refused() -> None:
    model, reader = bert()
    with pytest.raises(DictionaryError, match="the reader tiny/model"):
        loss_recovered(
            dictionary(random_sae(), reader_name="x/y"), corpus(), model=model, reader=reader
        )
    with pytest.raises(ReaderError, match="a context of 128 tokens"):
        loss_recovered(
            dictionary(random_sae(), max_tokens=128), corpus(), model=model, reader=reader
        )
    bare = LanguageModel(model.base_model, word_pieces(), name="tiny/model", revision="1")
    with pytest.raises(ReaderError, match="no mask token"):
        loss_recovered(dictionary(random_sae()), corpus(), model=model, reader=bare)


def test_a_text_in_which_nothing_is_predicted_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="no masked token"):
        judged(bert(), random_sae(), ["a"])


def saved(model: Any, reader: LanguageModel, folder: Path) -> LanguageModel:
    model.save_pretrained(folder)
    reader.tokenizer.save_pretrained(folder)
    return load_reader(str(folder), device="cpu", dtype=torch.float32)


@pytest.mark.parametrize("make", [gpt2, llama, bert])
def test_a_model_is_loaded_with_its_head(make: Callable[[], Model], tmp_path: Path) -> None:
    model, reader = make()
    loaded = saved(model, reader, tmp_path / "tiny")
    found = loss_recovered(dictionary(random_sae()), corpus(SENTENCES), reader=loaded)
    assert figures(found) == pytest.approx(figures(judged((model, reader), random_sae())))
    by_name = replace(dictionary(random_sae()), reader_name=str(tmp_path / "tiny"))
    again = loss_recovered(by_name, corpus(SENTENCES), settings=LossSettings(device="cpu"))
    assert again.ce_original == pytest.approx(found.ce_original, rel=0.05)


def test_a_reader_without_a_head_is_refused(tmp_path: Path) -> None:
    bare = tiny_bert()
    loaded = saved(bare.model, bare, tmp_path / "tiny")
    with pytest.raises(ReaderError, match="no language-model head"):
        loss_recovered(dictionary(random_sae()), corpus(), reader=loaded)
    with pytest.raises(ReaderError, match="no language-model head"):
        predicting_model("tiny/bert", reader=bare, model=bare.model)


def test_the_built_in_reader_has_no_head(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ReaderError, match="no language-model head"):
        loss_recovered("builtin", corpus())
    assert "MISSING" not in capsys.readouterr().err


def test_a_model_that_reads_already_is_not_wrapped_again() -> None:
    model, reader = gpt2()
    lm: PredictingModel = predicting_model("tiny/model", reader=reader, model=model)
    assert lm.reader is reader

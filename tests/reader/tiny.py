"""Tiny language models and tokenizers, made on the spot."""

import re
from functools import cache

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    LlamaConfig,
    LlamaModel,
    PreTrainedTokenizerFast,
)

from corpuscope.corpus.document import Document, Role
from corpuscope.reader.language_model import LanguageModel

TEXTS = [
    "The cat sat on the mat. It was warm there, and the cat slept!",
    "Why do cats sleep so much? Nobody knows. Dogs do not know either.",
    "Assistant answers: 1. Take the pan. 2. Heat the oil. 3. Fry the onion.",
    "user system assistant One two three four five six seven eight nine ten.",
]

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] | trim }}<|end|>\n"
    "{% endfor %}"
)


@cache
def word_pieces() -> PreTrainedTokenizerFast:
    """Lower-cased words and their pieces, as BERT has them."""
    words = {word for text in TEXTS for word in re.findall(r"\w+|[^\w\s]", text.lower())}
    letters = {letter for word in words for letter in word}
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(words | letters)]
    pieces += [f"##{letter}" for letter in sorted(letters)]
    # Not trained: training takes pairs of equal counts in an order of its own each time.
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=8)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )


@cache
def byte_pieces() -> PreTrainedTokenizerFast:
    """Bytes and their pairs, as GPT-2 and Llama 3 have them, with a template for chats."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)]),
        ]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="<|end|>", model_max_length=64
    )


def tiny_bert(seed: int = 0) -> LanguageModel:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(word_pieces()),
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    model = BertModel(config).eval().requires_grad_(requires_grad=False)
    return LanguageModel(model, word_pieces(), name="tiny/bert", revision="1")


def tiny_llama() -> LanguageModel:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(byte_pieces()),
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    model = LlamaModel(config).eval().requires_grad_(requires_grad=False)
    return LanguageModel(model, byte_pieces(), name="tiny/llama", revision="1")


def tiny_gpt2() -> LanguageModel:
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(byte_pieces()), n_embd=16, n_layer=3, n_head=2)
    config.n_positions = 64
    model = GPT2Model(config).eval().requires_grad_(requires_grad=False)
    return LanguageModel(model, byte_pieces(), name="tiny/gpt2", revision="1")


def chat_reader() -> LanguageModel:
    """A decoder whose tokenizer has a template that trims what is said."""
    reader = tiny_llama()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=byte_pieces().backend_tokenizer,
        bos_token="<s>",
        eos_token="<|end|>",
        model_max_length=64,
        chat_template=TEMPLATE,
    )
    tokenizer.add_special_tokens(
        {"additional_special_tokens": ["<|user|>", "<|assistant|>", "<|system|>"]}
    )
    return LanguageModel(reader.model, tokenizer, name="tiny/chat", revision="1")


def document(text: str, *roles: tuple[int, int, str], id: str = "d") -> Document:
    return Document(id, text, {}, tuple(Role(*role) for role in roles))


def chat(*messages: tuple[str, str], id: str = "d") -> Document:
    from corpuscope.corpus.chats.spans import join_messages

    text, roles = join_messages(messages)
    return Document(id, text, {}, roles)

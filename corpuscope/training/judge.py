"""How good a dictionary is on a corpus that it has not learned from."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import torch

from corpuscope.corpus import Corpus
from corpuscope.extraction.fit import check_fits, good_batch_tokens, plan_for
from corpuscope.extraction.memory import give_back, keep_few_shapes
from corpuscope.extraction.progress import Clock, Report, reporting
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.read import read_documents
from corpuscope.reader.threads import free_cores
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.evaluate import Evaluation, Judge
from corpuscope.sae.files import load_dictionary

_DOCUMENTS = 256


def evaluate(
    dictionary: str | Path | Dictionary,
    corpus: Corpus,
    *,
    reader: LanguageModel | None = None,
    roles: Iterable[str] | None = None,
    max_units: int = 200_000,
    progress: Report | bool | None = None,
    device: str = "auto",
) -> dict[str, Evaluation]:
    """For each part of a dictionary, by its kind of unit, how well it does on these texts.

    Args:
        dictionary: The dictionary, its folder, or "builtin".
        corpus: Texts that it has not learned from, in an order that is not by kind: reading
            stops at `max_units`.
        reader: The language model; by default the one that the dictionary names.
        roles: Only what these roles say counts; by default what the dictionary's masks say.
        max_units: How many tokens are enough.
        progress: Is told how far it has come; True draws a bar on standard error.
        device: Where to compute, if `reader` is not given.

    Raises:
        NotEnoughData: Fewer than two units count.
        DictionaryError: There is no such dictionary, or it was made for another reader.
        ReaderError: The reader cannot be loaded, or does not fit the dictionary.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    keep_few_shapes()
    lm = reader or load_reader(found.reader_name, device=device)
    check_fits(found, lm)
    if lm.device.type == "cpu":
        torch.set_num_threads(free_cores())
    plan = plan_for(found, roles, good_batch_tokens(lm))
    judges = [Judge(part.sae.to(lm.device)) for part in found.parts]
    documents, n_tokens = iter(corpus), 0
    with reporting(progress) as report:
        clock = Clock(corpus.n_documents, report)
        while n_tokens < max_units and (some := list(islice(documents, _DOCUMENTS))):
            clock.reading()
            for stretch in read_documents(some, lm, plan):
                for part, judge in zip(found.parts, judges, strict=True):
                    units = stretch.tokens if part.unit == "token" else stretch.sentences
                    if len(units):
                        judge.add(units.joined(part.layers))
                n_tokens += len(stretch.tokens)
                clock.read(stretch.n_finished, n_tokens=len(stretch.tokens))
            clock.committed(len(some), was_read=True)
            give_back()
    return {part.unit: judge.result() for part, judge in zip(found.parts, judges, strict=True)}

"""Evaluates dictionaries on a corpus that they were not trained on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import DictionaryError
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.extraction.memory import give_back, keep_few_shapes
from corpuscope.extraction.progress import Clock, Report, reporting
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.read import ReadingPlan, Units, read_documents
from corpuscope.reader.threads import take_free_cores
from corpuscope.sae.dictionary import Dictionary, Part, Unit
from corpuscope.sae.evaluate import Evaluation, Judge
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.stability import ENOUGH_UNITS, Agreement, agreement
from corpuscope.sites import Place, in_order

_DOCUMENTS = 256


@dataclass(frozen=True, eq=False)
class Comparison:
    """Dictionaries of one reader on the same texts.

    Attributes:
        evaluations: By name of a dictionary and unit.
        agreements: How far each of the others has the features of the first: by name and unit;
            only where both take the same states.
        n_refused: How many documents the reader's chat template refused; they are left out.
    """

    evaluations: Mapping[str, Mapping[Unit, Evaluation]]
    agreements: Mapping[str, Mapping[Unit, Agreement]]
    n_refused: int


def evaluate(
    dictionary: str | Path | Dictionary,
    corpus: Corpus,
    *,
    reader: LanguageModel | None = None,
    roles: Iterable[str] | None = None,
    max_units: int = 200_000,
    progress: Report | bool | None = None,
    device: str = "auto",
) -> dict[Unit, Evaluation]:
    """Metrics of each part of a dictionary on these texts, by unit.

    Documents that the reader's chat template refuses are left out; `compare` counts them.

    Args:
        dictionary: The dictionary, its folder, or "builtin".
        corpus: Texts that it was not trained on, in mixed order: reading stops at `max_units`.
        reader: The language model; by default the one that the dictionary names.
        roles: Count only text of these roles; by default as in the dictionary's masks.
        max_units: Reading stops after this many tokens.
        progress: Callback for progress; True draws a bar on standard error.
        device: Where to compute, if `reader` is not given.

    Raises:
        NotEnoughData: Fewer than two units count.
        DictionaryError: There is no such dictionary, or it was made for another reader.
        ReaderError: The reader cannot be loaded, or does not fit the dictionary.
    """
    found = compare(
        {"": dictionary}, corpus, reader=reader, roles=roles, max_units=max_units,
        progress=progress, device=device,
    )  # fmt: skip
    return dict(found.evaluations[""])


def compare(
    dictionaries: Mapping[str, str | Path | Dictionary],
    corpus: Corpus,
    *,
    reader: LanguageModel | None = None,
    roles: Iterable[str] | None = None,
    max_units: int = 200_000,
    progress: Report | bool | None = None,
    device: str = "auto",
) -> Comparison:
    """Metrics of several dictionaries on the same texts, which are read once.

    Args:
        dictionaries: By names of your choice; they must share reader, context and masks, but not
            layers or sizes.
        corpus: Texts that none of them was trained on.
        reader: The language model; by default the one that the first names.
        roles: Count only text of these roles; by default as in the masks.
        max_units: Reading stops after this many tokens.
        progress: Callback for progress; True draws a bar on standard error.
        device: Where to compute, if `reader` is not given.

    Raises:
        DictionaryError: The dictionaries differ in reader, context or masks.
        And what `evaluate` raises.
    """
    opened = {
        name: one if isinstance(one, Dictionary) else load_dictionary(one)
        for name, one in dictionaries.items()
    }
    first = next(iter(opened.values()))
    keep_few_shapes()
    lm = reader or load_reader(first.reader_name, device=device)
    roles = None if roles is None else frozenset(roles)
    plan = _shared_plan(opened, lm, roles)
    take_free_cores(lm.device)
    panel = _Panel(opened, lm.device)
    documents, n_tokens = iter(corpus), 0
    with reporting(progress) as report:
        clock = Clock(corpus.n_documents, report)
        while n_tokens < max_units and (some := list(islice(documents, _DOCUMENTS))):
            clock.reading()
            for stretch in read_documents(some, lm, plan):
                panel.n_refused += len(stretch.refused)
                panel.add("token", stretch.tokens)
                panel.add("sentence", stretch.sentences)
                n_tokens += len(stretch.tokens)
                clock.read(stretch.n_finished, n_tokens=len(stretch.tokens))
            clock.committed(len(some), was_read=True)
            give_back()
    return panel.result()


def _shared_plan(
    dictionaries: Mapping[str, Dictionary], lm: LanguageModel, roles: Iterable[str] | None
) -> ReadingPlan:
    plans = []
    for dictionary in dictionaries.values():
        check_fits(dictionary, lm)
        plans.append(plan_for(dictionary, roles, lm.good_batch_tokens))
    # One pass over the texts serves all dictionaries only if they are read in the same way.
    ways = {
        repr((plan.context, plan.max_tokens, plan.prepends_bos, plan.masks.to_config()))
        for plan in plans
    }
    if len(ways) > 1:
        raise DictionaryError(
            "dictionaries that differ in how texts are read",
            expected="the same context, max_tokens and masks",
            next_step="evaluate them one at a time",
        )
    return replace(
        plans[0],
        token_layers=in_order(layer for plan in plans for layer in plan.token_layers),
        sentence_layers=in_order(layer for plan in plans for layer in plan.sentence_layers),
    )


class _Panel:
    """Running metrics of each part of each dictionary, and states to measure agreement on."""

    def __init__(self, dictionaries: Mapping[str, Dictionary], device: torch.device) -> None:
        self._parts = {
            name: [replace(p, autoencoder=p.sae.to(device)) for p in dictionary.parts]
            for name, dictionary in dictionaries.items()
        }
        self._judges = {
            name: [Judge(part.sae) for part in parts] for name, parts in self._parts.items()
        }
        self.n_refused = 0
        self._kept: dict[tuple[Unit, tuple[Place, ...]], list[torch.Tensor]] = {}
        self._n_kept: dict[tuple[Unit, tuple[Place, ...]], int] = {}

    def add(self, unit: Unit, units: Units) -> None:
        if not len(units):
            return
        for name, parts in self._parts.items():
            for part, judge in zip(parts, self._judges[name], strict=True):
                if part.unit == unit:
                    judge.add(units.joined(part.places))
        if len(self._parts) > 1:
            self._keep(unit, units)

    def _keep(self, unit: Unit, units: Units) -> None:
        first = next(iter(self._parts.values()))
        for part in first:
            key = (unit, part.places)
            n = self._n_kept.get(key, 0)
            # States are kept only for agreement, which needs no more than this.
            if part.unit == unit and n < ENOUGH_UNITS:
                self._kept.setdefault(key, []).append(units.joined(part.places))
                self._n_kept[key] = n + len(units)

    def result(self) -> Comparison:
        names = iter(self._parts)
        first = next(names)
        return Comparison(
            {
                name: {
                    part.unit: judge.result()
                    for part, judge in zip(parts, self._judges[name], strict=True)
                }
                for name, parts in self._parts.items()
            },
            {name: self._agreements(self._parts[first], self._parts[name]) for name in names},
            self.n_refused,
        )

    def _agreements(self, one: list[Part], other: list[Part]) -> dict[Unit, Agreement]:
        return {
            mine.unit: agreement(mine.sae, its.sae, self._kept[mine.unit, mine.places])
            for mine in one
            for its in other
            if (mine.unit, mine.places) == (its.unit, its.places)
            and (mine.unit, mine.places) in self._kept
        }

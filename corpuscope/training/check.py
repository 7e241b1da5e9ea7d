"""Checks that a dictionary does on real text what it should, and names what is wrong if not.

1. A few thousand tokens are read, at the dictionary's own place and at neighbouring ones: a layer
   before and after, and other sites of the same layer.
2. The dictionary as loaded is measured, and so is the dictionary with each usual mistake undone.
3. A mistake is named where undoing it, and only then, gives what the dictionary should.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from corpuscope.corpus.corpus import Corpus
from corpuscope.demo import demo_corpus
from corpuscope.errors import NotEnoughData, ReaderError
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.reader.tensors import usual
from corpuscope.reader.threads import take_free_cores
from corpuscope.sae.checking.alternatives import alternatives
from corpuscope.sae.checking.diagnosis import A_LITTLE_BETTER, Diagnosis, Tried, diagnosed
from corpuscope.sae.checking.measures import Measures, measured
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.formats import load_dictionary
from corpuscope.sites import SITES, Place, layer_of, places_of, site_of
from corpuscope.tensor_shapes import States

MOST_UNITS = 8_192
"""How many tokens a dictionary is checked on."""
_DOCUMENTS = 16
_FIRST_TOKEN = {
    True: ("first token missing", "passages begin with the token of a text's beginning"),
    False: ("first token not wanted", "passages do not begin with the token of a text's "
            "beginning"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a dictionary does on text, beside what it should.

    Attributes:
        dictionary: Its path or name.
        place: Where it takes states, in words.
        expected_l0: How many features should fire at a token, if the release says so.
        loaded: What it does as loaded.
        tried: What it would do with each mistake undone.
        diagnosis: Whether it is fine, and which mistake is likely if not.
        notes: What its release says about it.
    """

    dictionary: str
    place: str
    expected_l0: tuple[float, float] | None
    loaded: Measures | None
    tried: tuple[Tried, ...]
    diagnosis: Diagnosis
    notes: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about."""
        return self.notes

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        likely = self.diagnosis.likely
        return {
            "analysis": "check",
            "dictionary": self.dictionary,
            "place": self.place,
            "expected_l0": None if self.expected_l0 is None else list(self.expected_l0),
            "status": self.diagnosis.status,
            "reasons": list(self.diagnosis.reasons),
            "likely": None if likely is None else _as_json(likely),
            "measures": None if self.loaded is None else self.loaded.to_json(),
            "tried": [_as_json(one) for one in self.tried],
            "warnings": list(self.warnings),
        }


def check(
    dictionary: str | Path | Dictionary,
    corpus: Corpus | None = None,
    *,
    reader: LanguageModel | None = None,
    roles: Iterable[str] | None = None,
    max_units: int = MOST_UNITS,
    device: str = "auto",
) -> CheckResult:
    """Whether a dictionary was loaded as it was trained, with the likely mistake if not.

    Only its first part is checked. Nothing is changed: what is named has to be corrected where
    it comes from, for instance in `corpuscope.json` (docs/dictionaries.md).

    Args:
        dictionary: The dictionary, or its path or place on the Hub.
        corpus: Texts of the kind that it was trained on; by default those of the demo.
        reader: The language model; by default the one that the dictionary names.
        roles: Count only text of these roles; by default as in the dictionary's masks.
        max_units: Reading stops after this many tokens.
        device: Where to compute, if `reader` is not given.

    Raises:
        NotEnoughData: Fewer than two tokens count.
        DictionaryError: There is no such dictionary, or it does not fit the reader.
        ReaderError: The reader cannot be loaded.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    name = "" if isinstance(dictionary, Dictionary) else str(dictionary)
    lm = reader or load_reader(found.reader_name, device=device)
    check_fits(found, lm)
    take_free_cores(lm.device)
    part = found.parts[0]
    plan = plan_for(found, roles, lm.good_batch_tokens)
    work = _Check(part, lm, corpus if corpus is not None else demo_corpus(), plan, max_units)
    expected = expected_l0(found)
    loaded, tried, diagnosis = work.result(expected)
    return CheckResult(
        dictionary=name,
        place=_shown(part.places),
        expected_l0=expected,
        loaded=loaded,
        tried=tried,
        diagnosis=diagnosis,
        notes=tuple(found.about.get("notes") or ()),
    )


def expected_l0(dictionary: Dictionary) -> tuple[float, float] | None:
    """How many features of the first part should fire at a unit, if the dictionary says so."""
    from corpuscope.sae.firing import TopK

    given = dictionary.about.get("expected_l0")
    if isinstance(given, int | float):
        return float(given), float(given)
    if isinstance(given, list | tuple) and len(given) == 2:
        return float(given[0]), float(given[1])
    rule = dictionary.parts[0].sae.firing
    return (float(rule.k), float(rule.k)) if isinstance(rule, TopK) else None


class _Check:
    """The states of one part and of neighbouring places, and what it does on them."""

    def __init__(
        self,
        part: Part,
        lm: LanguageModel,
        corpus: Corpus,
        plan: ReadingPlan,
        max_units: int,
    ) -> None:
        self._part, self._lm, self._corpus, self._max_units = part, lm, corpus, max_units
        self._plan = plan
        self._sae = part.sae.to(lm.device)

    def result(
        self, expected: tuple[float, float] | None
    ) -> tuple[Measures | None, tuple[Tried, ...], Diagnosis]:
        """Measures as loaded, with each mistake undone, and the diagnosis."""
        near = [self._part.places, *self._neighbours()]
        states = self._states(near, self._plan)
        own = states[near[0]]
        if fault := self._overflow(own):
            return None, (), Diagnosis("wrong", None, (fault,))
        loaded = measured(self._sae, own)
        tried = [
            Tried(one.mistake, one.meaning, measured(one.sae, own))
            for one in alternatives(self._sae, own, expected_l0=expected)
        ]
        tried += [
            Tried(_mistaken(self._part.places, places),
                  f"it fits {_shown(places)} better", measured(self._sae, states[places]))
            for places in near[1:]
        ]  # fmt: skip
        tried += self._with_other_first_token()
        n = self._sae.n_features
        return loaded, tuple(tried), diagnosed(loaded, tried, n_features=n, expected_l0=expected)

    def _neighbours(self) -> Iterator[tuple[Place, ...]]:
        """Other places with states of the same width, that the reader has."""
        layers, site = self._part.layers, self._part.site
        for shift in (-2, -1, 1, 2):
            moved = [layer + shift for layer in layers]
            lowest = 0 if site == "residual" else 1
            if lowest <= min(moved) and max(moved) <= self._lm.n_layers:
                yield places_of(moved, site)
        for other in SITES:
            if other != site and min(layers) > 0:
                places = places_of(layers, other)
                if self._has(places):
                    yield places

    def _has(self, places: tuple[Place, ...]) -> bool:
        try:
            return sum(self._lm.width_at(place) for place in places) == self._sae.width
        except ReaderError:
            return False

    def _states(
        self, near: list[tuple[Place, ...]], plan: ReadingPlan
    ) -> Mapping[tuple[Place, ...], States]:
        """The states of counted units at each place, without those that are outliers there."""
        every = [place for places in near for place in places]
        is_token = self._part.unit == "token"
        # What is an outlier at one place need not be at another.
        own = replace(
            plan,
            token_layers=tuple(every) if is_token else (),
            sentence_layers=() if is_token else tuple(every),
            masks=replace(plan.masks, outlier_norm=None),
        )
        kept: dict[tuple[Place, ...], list[torch.Tensor]] = {places: [] for places in near}
        for places, states in self._read(own, near):
            kept[places].append(_usual(states, plan.masks))
        if not all(kept.values()):
            raise NotEnoughData(
                "no text that counts in the corpus",
                expected="some thousand tokens",
                next_step="name a corpus with text",
            )
        return {places: torch.cat(parts) for places, parts in kept.items()}

    def _read(
        self, plan: ReadingPlan, near: list[tuple[Place, ...]]
    ) -> Iterator[tuple[tuple[Place, ...], States]]:
        documents, n_units = iter(self._corpus), 0
        while n_units < self._max_units and (some := list(islice(documents, _DOCUMENTS))):
            for stretch in read_documents(some, self._lm, plan):
                units = stretch.tokens if self._part.unit == "token" else stretch.sentences
                room = self._max_units - n_units
                for places in near:
                    yield places, units.joined(places)[:room].float()
                n_units += min(room, len(units))
                if n_units >= self._max_units:
                    return

    def _overflow(self, states: States) -> str | None:
        """What is not finite, where numbers have too few bits for their size."""
        dtype = str(self._lm.dtype).removeprefix("torch.")
        if not bool(torch.isfinite(states).all()):
            share = float((~torch.isfinite(states)).any(dim=1).float().mean())
            return (
                f"{share:.0%} of the states are not finite: the reader overflows in {dtype}; "
                "load it in bfloat16 or float32"
            )
        if self._lm.dtype != torch.float32:
            pre = self._sae.to(self._lm.dtype).pre_activations(states[:512])
            if not bool(torch.isfinite(pre).all()):
                return (
                    f"the dictionary overflows in {dtype}, the reader's number type; load the "
                    "reader in bfloat16 or float32"
                )
        return None

    def _with_other_first_token(self) -> list[Tried]:
        """The same with the token of the beginning of a text where it was missing, or without."""
        with_it, without = (self._lm.framed(prepends_bos=one)[0] if self._can(one) else None
                            for one in (True, False))  # fmt: skip
        now = self._lm.framed(prepends_bos=self._plan.prepends_bos)[0]
        found = []
        for prepends, frame in ((True, with_it), (False, without)):
            if frame is None or frame == now:
                continue
            plan = replace(self._plan, prepends_bos=prepends)
            states = self._states([self._part.places], plan)[self._part.places]
            tried = Tried(*_FIRST_TOKEN[prepends], measured(self._sae, states))
            # Without that token a text's first word has large states, of which the same errors are
            # a smaller share: that less is unexplained is evidence in one direction only.
            found.append(replace(tried, enough=A_LITTLE_BETTER) if prepends else tried)
        return found

    def _can(self, prepends_bos: bool) -> bool:
        try:
            self._lm.framed(prepends_bos=prepends_bos)
        except ReaderError:
            return False
        return True


def _usual(states: States, masks: MaskPolicy) -> States:
    found = usual(masks, [states])
    return states if found is None else states[found]


def _mistaken(loaded: tuple[Place, ...], better: tuple[Place, ...]) -> str:
    same = [site_of(one) for one in loaded] == [site_of(one) for one in better]
    return "wrong layer" if same else "wrong site"


def _shown(places: tuple[Place, ...]) -> str:
    return " and ".join(f"{site_of(place)} of layer {layer_of(place)}" for place in places)


def _as_json(one: Tried) -> dict[str, Any]:
    return {"mistake": one.mistake, "meaning": one.meaning, **one.measures.to_json()}

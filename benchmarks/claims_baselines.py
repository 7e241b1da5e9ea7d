"""Claims with features beside claims without: `python -m benchmarks.claims_baselines FOLDER`.

Each way sees only pairs that are not set aside: `features` what was counted in all of them, the
others 100 of them (76 of the demo), read one by one. What they state is read by one judge in 60 of
the pairs set aside, in both orders, the statements of all ways mixed; Holm's correction is over
the claims of a way. A reader who does not know the ways says which statements are the same, and
rates them. FOLDER holds requests and answers, in a folder for each case.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

import corpuscope as cs
from benchmarks.claims_cases import CASES, Case
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.comparison.covariates import covariates_of
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.holdout import split
from corpuscope.analyses.comparison.setup import counting
from corpuscope.analyses.comparison.two_groups import groups_of
from corpuscope.claiming.claim import Claim
from corpuscope.claiming.judging.verify import Texts, verify
from corpuscope.claiming.set_aside import set_aside, units_of
from corpuscope.claiming.statement import Statement
from corpuscope.claiming.stating.pairs_read import clustered, contrasted, listed, summed_up
from corpuscope.claiming.stating.prompts import merging_request
from corpuscope.claiming.stating.state import drawn_sides
from corpuscope.errors import AnswersMissing
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, number
from corpuscope.statistics.multiplicity import holm

_N_LISTED, _N_READ, _N_CLAIMS, _PER_CALL = 100, 60, 10, 20
_T = TypeVar("_T")

_RATING = """\
You get sentences about texts of one group, each of which is meant to tell a researcher how two
language models differ. Rate each from 1 to 5 in two ways. interest: would it change what somebody
does with the models (1: of no consequence or obvious; 3: worth knowing; 5: surprising, specific and
something to act on)? abstraction: how general is what it tells of (1: single words or marks; 3: a
habit in some kind of text; 5: a trait that shows in texts of every kind)?"""


@dataclass(frozen=True)
class Way:
    """Statements of one way, and the tokens that stating them took."""

    name: str
    statements: list[Statement]
    n_tokens: int


class Asking:
    """Asks through one folder; what waits for answers is kept apart by its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_waiting = False
        self.models: tuple[str, ...] = ()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("wait-*.jsonl"):
            old.unlink()

    def __call__(self, name: str, ask: Callable[[LLM], _T]) -> tuple[_T, int] | None:
        """The result and the tokens it took; None if answers are missing."""
        llm = LLM(BatchFolder(self.folder))
        try:
            found = ask(llm)
        except AnswersMissing as error:
            print(name, error)
            for at, path in enumerate(sorted(self.folder.glob("requests-*.jsonl"))):
                path.rename(self.folder / f"wait-{name}-{at}.jsonl")
            self.is_waiting = True
            return None
        bill = llm.receipt()
        self.models = tuple(dict.fromkeys((*self.models, *bill.models)))
        return found, bill.all.usage.n_in + bill.all.usage.n_out


@dataclass(frozen=True, eq=False)
class Divided:
    """A case's pairs, divided into those to state from and those to read."""

    case: Case
    source: NamedStore
    groups: Groups
    discovery: np.ndarray
    read: Groups

    @classmethod
    def of(cls, case: Case) -> "Divided":
        """The pairs of a case: 200 set aside, or half if there are few."""
        source = NamedStore(case.store())
        groups = groups_of(
            source, by=case.by, target=case.target, reference=None, pair=case.pair, group=None,
            strata=[],
        )  # fmt: skip
        groups, _ = counting(
            source, groups, by=case.by, pair=case.pair, group=None, count_copies=False
        )
        aside = set_aside(source, groups, n=200, seed=0)
        if aside is not None:
            return cls(case, source, groups, aside.discovery, aside.groups)
        first, second = split(
            source, groups.rows, groups.codes, groups.kept_together, share=0.5, seed=0
        )
        return cls(case, source, groups, first, groups.among(second))

    def stated(self, asking: Asking) -> list[Way] | None:
        """What each way states; None if answers are missing."""
        ways = [self._with_features(asking), *self._without(asking)]
        return None if None in ways else [one for one in ways if one is not None]

    def _with_features(self, asking: Asking) -> Way | None:
        case = self.case
        path = CACHE / f"claims-{case.name.replace(' ', '-').replace(',', '')}.scope"
        store = cs.extract(self._discovery_documents(), into=path)
        done = asking(
            "features",
            lambda llm: cs.claims(
                store, by=case.by, target=case.target, pair=case.pair, llm=llm,
                settings=cs.ClaimSettings(verify=False, max_claims=_N_CLAIMS),
            ),
        )  # fmt: skip
        if done is None:
            return None
        found, n_tokens = done
        statements = [
            Statement(one.sentence, one.negation, one.side, one.kind, True, (), ())
            for one in found.claims
        ]
        return Way("features", statements, n_tokens)

    def _discovery_documents(self) -> list[dict[str, object]]:
        rows = np.flatnonzero(self.discovery).tolist()
        columns = (self.case.by, self.case.pair, self.case.prompt)
        values = [self.source.column(name) for name in columns]
        return [
            {
                "id": str(self.source.ids[row]), "text": words,
                **{name: str(column[row]) for name, column in zip(columns, values, strict=True)},
            }
            for row, words in zip(rows, self.source.texts(rows), strict=True)
        ]  # fmt: skip

    def _without(self, asking: Asking) -> list[Way | None]:
        shown = units_of(self.groups.among(self.discovery), n=_N_LISTED, seed=0)
        pairs = list(zip(
            self.source.texts(shown.target_rows.tolist()),
            self.source.texts(shown.reference_rows.tolist()), strict=True,
        ))  # fmt: skip
        prompts = self.source.column(self.case.prompt)[shown.target_rows].tolist()
        done = asking("lists", lambda llm: listed(pairs, prompts, llm, seed=0))
        if done is None:
            return [None]
        differences, n_listing = done
        ways: list[Way | None] = []
        for name, way in (
            ("LLM-S", lambda llm: summed_up(differences, llm, drawn_sides(0), n=_N_CLAIMS)),
            ("LLM-C", lambda llm: clustered(differences, llm)),
            ("contrasts", lambda llm: contrasted(differences, llm, n_pairs=len(pairs))),
        ):
            stated = asking(name, way)
            ways.append(None if stated is None else Way(name, stated[0], n_listing + stated[1]))
        return ways

    def texts(self) -> Texts:
        """The pairs to read."""
        read = units_of(self.read, n=_N_READ, seed=0)
        return Texts(self.source, read, read, covariates_of(self.source, []), True)


def rating_request(sentences: Sequence[str]) -> Request:
    """The request to rate sentences."""
    listed_ = "\n".join(f"{i}. {one}" for i, one in enumerate(sentences, start=1))
    form = {}
    for i in range(1, len(sentences) + 1):
        form |= {f"interest_{i}": number(least=1, most=5)}
        form |= {f"abstraction_{i}": number(least=1, most=5)}
    return Request(
        purpose="rate", system=_RATING, user=f"The sentences:\n{listed_}\n\nRate each.",
        schema=Schema("ratings", form), version="1", max_output=20 * len(sentences) + 100,
    )  # fmt: skip


def report(case: Case, folder: Path) -> list[str] | None:
    """The section of a case; None if answers are missing."""
    divided, asking = Divided.of(case), Asking(folder)
    ways = divided.stated(asking)
    if ways is None:
        return None
    everything = [one for way in ways for one in way.statements]
    order = np.random.default_rng(1).permutation(len(everything)).tolist()
    mixed = [everything[at] for at in order]
    settings = cs.ClaimSettings(
        per_call=_PER_CALL, prompt=case.prompt, n_planted=0, checks=False, n=_N_READ
    )
    texts = divided.texts()
    judged = asking("verify", lambda llm: verify(mixed, [], texts, llm, settings=settings))
    sentences = [one.sentence for one in mixed]
    twins = asking("same", lambda llm: llm.ask([merging_request([*sentences, *case.key.values()])]))
    rated = asking("rate", lambda llm: llm.ask([rating_request(sentences)]))
    if judged is None or twins is None or rated is None:
        return None
    claims: list[Claim] = [judged[0].claims[order.index(i)] for i in range(len(order))]
    pairs = twins[0][0].value["pairs"]
    meaning = _meanings(pairs, len(mixed) + len(case.key))
    meanings = [meaning[order.index(i)] for i in range(len(order))]
    near = _related(pairs, range(len(mixed), len(mixed) + len(case.key)))
    scores = {
        what: [float(rated[0][0].value[f"{what}_{order.index(i) + 1}"]) for i in range(len(order))]
        for what in ("interest", "abstraction")
    }
    holding, rows, listing, at = {}, [], [], 0
    for way in ways:
        own = range(at, at + len(way.statements))
        at = own.stop
        adjusted = holm(np.array([claims[i].p_value for i in own]))
        holds = [i for i, p in zip(own, adjusted, strict=True) if _holds(claims[i], float(p))]
        holding[way.name] = {meanings[i] for i in holds}
        rows.append((way, list(own), holds))
        for i in sorted(own, key=lambda i: -claims[i].difference):
            listing.append((
                way.name, "holds" if i in holds else "-",
                f"{100 * claims[i].rate_target:.0f} / {100 * claims[i].rate_reference:.0f}",
                f"{100 * claims[i].difference:+.0f}", everything[i].sentence,
            ))  # fmt: skip
    header = ("way", "stated", "hold", "distinct", "found by no other", "mean difference",
              "interest", "abstraction", *(["of the key (or related)"] if case.key else []),
              "tokens to state",
              "holding a million tokens, stating", "and reading")  # fmt: skip
    n_reading = judged[1] / len(everything)
    cells = []
    for way, own, holds in rows:
        others = set().union(*(one for name, one in holding.items() if name != way.name))
        whole = way.n_tokens + n_reading * len(own)
        n_distinct = len(holding[way.name])
        cells.append((
            way.name, len(own), len(holds), n_distinct, len(holding[way.name] - others),
            _mean([claims[i].difference for i in holds]),
            _mean([scores["interest"][i] for i in holds]),
            _mean([scores["abstraction"][i] for i in holds]),
            *([_recalled(meaning, near, [order.index(i) for i in holds])] if case.key else []),
            f"{way.n_tokens:,}", f"{1e6 * n_distinct / way.n_tokens:.0f}",
            f"{1e6 * n_distinct / whole:.0f}",
        ))  # fmt: skip
    n = judged[0].n_read
    return [
        f"{int(divided.discovery.sum()) // 2} pairs to state from, {n} others read. Answered by "
        f"{', '.join(asking.models)}.", "",
        *table(header, cells), "",
        *table(("way", "outcome", "rates", "difference", "claim"), listing),
    ]  # fmt: skip


def _holds(claim: Claim, p: float) -> bool:
    return p <= 0.05 and claim.interval[0] > 0 and claim.outcome != "incomplete"


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f}" if values else "-"


def _meanings(pairs: Sequence[dict[str, object]], n: int) -> list[int]:
    """A number for each sentence, the same for those that are the same."""
    number_of = list(range(n))
    for pair in pairs:
        if pair["relation"] == "same":
            one, other = (number_of[int(str(pair[k])) - 1] for k in ("first", "second"))
            number_of = [min(one, other) if k in (one, other) else k for k in number_of]
    return number_of


def _related(pairs: Sequence[dict[str, object]], key: range) -> dict[int, set[int]]:
    """The sentences that are the same as each of the key's, or related to it."""
    found: dict[int, set[int]] = {at: set() for at in key}
    for pair in pairs:
        one, other = (int(str(pair[k])) - 1 for k in ("first", "second"))
        for at, beside in ((one, other), (other, one)):
            if at in found:
                found[at].add(beside)
    return found


def _recalled(meaning: Sequence[int], near: dict[int, set[int]], holds: Sequence[int]) -> str:
    said = {meaning[at] for at in holds}
    same = sum(meaning[at] in said for at in near)
    either = sum(meaning[at] in said or bool(beside & set(holds)) for at, beside in near.items())
    return f"{same} ({either}) of {len(near)}"


def main(folder: Path, names: Sequence[str]) -> None:
    """Record what each way states, and what of it holds."""
    for case in CASES:
        if names and case.name not in names:
            continue
        lines = report(case, folder / case.name.replace(" ", "-").replace(",", ""))
        if lines is not None:
            record(f"Claims with features and without: {case.name}", lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

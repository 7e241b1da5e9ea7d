"""From readings to claims: the test, the corrected size, and the word for the outcome."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtri

from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.effects import ContrastEffects, measure
from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.claiming.claim import Claim, Outcome, QuotedPassage, ReadText
from corpuscope.claiming.judging.decisions import Decision
from corpuscope.claiming.judging.judge import Judge
from corpuscope.claiming.judging.rounds import Readings
from corpuscope.claiming.material import Shown
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.claiming.statement import Statement
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PresenceMatrix
from corpuscope.statistics.judges.judged_differences import (
    PlantedPairs,
    Verdicts,
    judged_difference,
)
from corpuscope.statistics.judges.judged_rate_differences import judged_rate_difference
from corpuscope.statistics.judges.judged_rates import Corrected
from corpuscope.statistics.multiplicity import holm
from corpuscope.statistics.rates.intervals import newcombe_interval, paired_newcombe_interval

__all__ = ["Read", "claims_of", "not_read"]

_MOST_UNREAD, _MOST_UNCLEAR = 0.05, 0.2
_N_TEXTS = 4
_POWER = 0.8
_UNKNOWN = Corrected(math.nan, (math.nan, math.nan))


@dataclass(frozen=True, eq=False)
class Read:
    """The texts that were read, and what the judge said.

    Attributes:
        source: The documents.
        contrast: The pairs, or documents of each side, in the order of units.
        covariates: What adjusted estimates control for.
        readings: What the judge said.
        judge: How far it can be trusted.
        is_independent: Whether these texts had no part in finding the claims.
    """

    source: NamedStore
    contrast: Contrast
    covariates: Covariates
    readings: Readings
    judge: Judge
    is_independent: bool

    def rows(self, unit: int) -> tuple[int, ...]:
        """The documents of a unit."""
        if self.contrast.is_paired:
            return int(self.contrast.target_rows[unit]), int(self.contrast.reference_rows[unit])
        return (int(self.contrast.rows[unit]),)


def claims_of(
    statements: Sequence[Statement], shown: Sequence[Shown], read: Read, settings: ClaimSettings
) -> tuple[Claim, ...]:
    """A claim for each statement, with its outcome.

    The p-value is exact for pairs (McNemar) and single texts (Fisher), or of clusters where there
    are any; the length-adjusted test must agree. All stated claims count as tests.
    """
    measured = [_Measured.of(one, i, shown, read) for i, one in enumerate(statements)]
    adjusted = holm(np.array([one.claim.p_value for one in measured]))
    found = []
    for one, p in zip(measured, adjusted.tolist(), strict=True):
        claim = replace(one.claim, holm_p=p, detectable=one.detectable(len(measured), settings))
        found.append(replace(claim, outcome=_outcome(claim, one, read, settings)))
    return tuple(found)


def not_read(statements: Sequence[Statement], shown: Sequence[Shown]) -> tuple[Claim, ...]:
    """A claim for each statement, of which no text was read."""
    return tuple(_unread(one, shown) for one in statements)


@dataclass(frozen=True, eq=False)
class _Measured:
    """A claim without its outcome.

    Attributes:
        claim: The claim.
        discordant: Share of pairs, or the variance of the difference times n for single texts.
        is_corrected: Whether its size is corrected for the judge's error.
        is_unfit: Whether the judge cannot judge it.
    """

    claim: Claim
    discordant: float
    is_corrected: bool
    is_unfit: bool

    @classmethod
    def of(
        cls, statement: Statement, number: int, shown: Sequence[Shown], read: Read
    ) -> "_Measured":
        decisions = read.readings.decisions("verdict", number)
        presence, contrast = _judged(read, decisions)
        blank = _unread(statement, shown)
        n_all = len(decisions)
        n_unclear = sum(one.status == "unclear" for one in decisions.values())
        n_unread = sum(one.status == "unread" for one in decisions.values())
        counted = replace(
            blank, n=n_all - n_unclear - n_unread, n_unclear=n_unclear, n_unread=n_unread
        )
        if not len(contrast.target_rows) or not len(contrast.reference_rows):
            return cls(counted, math.nan, False, False)
        effects = measure(presence, contrast, covariates=read.covariates)
        sign = 1 if statement.side == "target" else -1
        corrected, is_corrected, is_unfit = _corrected(
            read, statement, number, presence, contrast, effects
        )
        raw = effects.raw
        known = [one for one in decisions.values() if one.status == "decided"]
        consistent = [one.is_consistent for one in known]
        difference = sign * float(raw.difference[0])
        claim = replace(
            counted,
            rate_target=float(effects.rate_target[0]),
            rate_reference=float(effects.rate_reference[0]),
            difference=difference,
            interval=_turned((float(raw.lower[0]), float(raw.upper[0])), sign),
            corrected=sign * corrected.value,
            corrected_interval=_turned(corrected.interval, sign),
            adjusted_difference=sign * float(effects.adjusted.difference[0]),
            p_value=_one_sided(effects, sign),
            worst_difference=(difference * len(known) - (n_all - len(known))) / n_all,
            consistency=float(np.mean(consistent)) if contrast.is_paired else math.nan,
            texts=_texts(read, statement, number, decisions),
        )
        return cls(claim, _spread(presence, contrast), is_corrected, is_unfit)

    def detectable(self, n_claims: int, settings: ClaimSettings) -> float:
        """The smallest difference found in four of five tries, at Holm's hardest step."""
        n = self.claim.n
        if not n or math.isnan(self.discordant):
            return math.nan
        z = float(ndtri(1 - settings.alpha / n_claims) + ndtri(_POWER))
        # d sqrt(n) = z sqrt(v - d^2), solved for d.
        return float(min(1.0, z * math.sqrt(self.discordant / (n + z**2))))


def _judged(read: Read, decisions: dict[int, Decision]) -> tuple[PresenceMatrix, Contrast]:
    """Documents x 1: of which the statement was found true; and the documents that were decided."""
    has = np.zeros((read.source.n_documents, 1), dtype=bool)
    is_decided = np.zeros(read.source.n_documents, dtype=bool)
    for unit, one in decisions.items():
        if one.status == "decided":
            rows = list(read.rows(unit))
            is_decided[rows] = True
            has[rows, 0] = one.has
    return sp.csr_array(has), read.contrast.among(is_decided)


def _one_sided(effects: ContrastEffects, sign: int) -> float:
    """The larger of the raw and the adjusted p-value, on the stated side."""
    found = []
    for effect in (effects.raw, effects.adjusted):
        difference, p = float(effect.difference[0]), float(effect.p_value[0])
        if math.isnan(difference) or math.isnan(p):
            found.append(1.0)
        else:
            found.append(p / 2 if sign * difference > 0 else 1 - p / 2)
    return max(found)


def _corrected(
    read: Read, statement: Statement, number: int, presence: PresenceMatrix, contrast: Contrast,
    effects: ContrastEffects,
) -> tuple[Corrected, bool, bool]:  # fmt: skip
    """The corrected difference, whether there is one, and whether the judge is unfit."""
    judge = read.judge
    if not judge.is_measured or statement.kind != "presence" or not statement.has_place:
        return _UNKNOWN, False, False
    target, reference = (
        presence[rows].toarray().reshape(-1)
        for rows in (contrast.target_rows, contrast.reference_rows)
    )
    if contrast.is_paired and judge.planted is not None:
        planted = _planted_for(judge, number)
        verdicts = Verdicts(
            int((target & ~reference).sum()), int((reference & ~target).sum()), len(target)
        )
        found, is_unfit = judged_difference(verdicts, planted), not planted.is_fit()
        plain = paired_newcombe_interval(
            *(np.array([count]) for count in (
                verdicts.for_target, verdicts.for_reference, int((target & reference).sum())
            )),
            neither=np.array([int((~target & ~reference).sum())]),
        )  # fmt: skip
    elif not contrast.is_paired and judge.known is not None:
        counts, sizes = (int(target.sum()), int(reference.sum())), (len(target), len(reference))
        found = judged_rate_difference(counts, sizes, judge.known)
        is_unfit = judge.is_unfit
        plain = newcombe_interval(np.array([counts[0]]), sizes[0], np.array([counts[1]]), sizes[1])
    else:
        return _UNKNOWN, False, False
    if judge.is_uneven:
        return _UNKNOWN, False, is_unfit
    # Clusters make the raw interval wider than that of independent documents; as much wider here.
    wider = max(
        1.0,
        float(
            (effects.raw.upper - effects.raw.lower)[0] / max(float((plain[1] - plain[0])[0]), 1e-9)
        ),
    )
    lower, upper = (found.value + wider * (end - found.value) for end in found.interval)
    return Corrected(found.value, (max(lower, -1.0), min(upper, 1.0))), True, is_unfit


def _planted_for(judge: Judge, number: int) -> PlantedPairs:
    """The planted pairs of all statements; its own where it is found less often than others."""
    assert judge.planted is not None
    own, whole = judge.by_statement.get(number), judge.planted
    if own is None or own.n < 2 or own.n == whole.n:
        return whole
    from corpuscope.statistics.rates.rate_tests import fisher_p

    others = whole.n - own.n
    p = fisher_p(np.array([own.right]), own.n, np.array([whole.right - own.right]), others)
    # Corrected for the number of statements that are looked at so.
    return own if p[0] * len(judge.by_statement) < 0.05 else whole


def _spread(presence: PresenceMatrix, contrast: Contrast) -> float:
    """The variance of the difference times n, if there is none."""
    target, reference = (
        presence[rows].toarray().reshape(-1)
        for rows in (contrast.target_rows, contrast.reference_rows)
    )
    if contrast.is_paired:
        return (int((target != reference).sum()) + 1) / (len(target) + 2)
    n_all = len(target) + len(reference)
    rate = (int(target.sum()) + int(reference.sum()) + 1) / (n_all + 2)
    return rate * (1 - rate) * n_all * (1 / len(target) + 1 / len(reference))


def _turned(interval: tuple[float, float], sign: int) -> tuple[float, float]:
    lower, upper = interval
    return (lower, upper) if sign > 0 else (-upper, -lower)


def _outcome(claim: Claim, one: _Measured, read: Read, settings: ClaimSettings) -> Outcome:
    n_all = claim.n + claim.n_unclear + claim.n_unread
    if not n_all:
        return "not_read"
    if claim.n_unread > _MOST_UNREAD * n_all or claim.n_unclear > _MOST_UNCLEAR * n_all:
        return "incomplete"
    if one.is_unfit:
        return "judge_unfit"
    lower, upper = claim.corrected_interval if one.is_corrected else claim.interval
    if claim.holm_p <= settings.alpha and lower > 0:
        return "holds" if read.is_independent else "agrees"
    return "refuted" if upper < settings.smallest else "undecided"


def _texts(
    read: Read, statement: Statement, number: int, decisions: dict[int, Decision]
) -> tuple[ReadText, ...]:
    """Some texts that speak for the statement, then some against it."""
    is_target = statement.side == "target"
    speaking: dict[bool, list[ReadText]] = {True: [], False: []}
    for unit, one in decisions.items():
        if one.status != "decided" or not one.is_consistent:
            continue
        if len(one.has) == 2:
            if one.has[0] == one.has[1]:
                continue
            says, is_for = ("target" if one.has[0] else "reference"), one.has[0] == is_target
        else:
            is_own = (unit < len(read.contrast.target_rows)) == is_target
            says, is_for = ("yes" if one.has[0] else "no"), one.has[0] == is_own
        if len(speaking[is_for]) < _N_TEXTS:
            reason = read.readings.reasons.get(("verdict", number, unit), "")
            ids = tuple(read.source.ids_of(list(read.rows(unit))))
            speaking[is_for].append(ReadText(ids, says, reason))
    return (*speaking[True], *speaking[False])


def _unread(statement: Statement, shown: Sequence[Shown]) -> Claim:
    own = [shown[i] for i in statement.findings]
    nothing = (math.nan, math.nan)
    return Claim(
        sentence=statement.sentence,
        negation=statement.negation,
        side=statement.side,
        kind=statement.kind,
        outcome="not_read",
        findings=tuple(one.name for one in own),
        features=tuple(dict.fromkeys(feature for one in own for feature in one.features)),
        found_difference=max((abs(one.difference) for one in own), default=math.nan),
        rate_target=math.nan,
        rate_reference=math.nan,
        difference=math.nan,
        interval=nothing,
        corrected=math.nan,
        corrected_interval=nothing,
        adjusted_difference=math.nan,
        p_value=1.0,
        holm_p=1.0,
        n=0,
        n_unclear=0,
        n_unread=0,
        worst_difference=math.nan,
        consistency=math.nan,
        detectable=math.nan,
        quotes=tuple(QuotedPassage(q.id, q.start, q.end, q.passage) for q in statement.quotes),
        texts=(),
    )

"""What can be said of the difference between these groups, and does reading bear it out?

1. Pairs (or documents of each group) are set aside at random before anything is looked at
   (`set_aside`). The rest is compared as in `diff`.
2. A language model is shown the findings as hints and passages, without numbers or group names,
   and states at most ten sentences about one text each. Code checks them: each finding accounted
   for, all findings of a sentence in one direction, quotations in their documents to the
   character. Without a language model, labels stand in a fixed sentence.
3. A judge, who knows neither groups nor findings, reads the texts set aside: both texts of a pair,
   in both orders, or one text. A side counts only if both orders name it.
4. In other texts a sentence is planted that shows a claim. How often the judge finds it corrects
   the size of the difference, and widens its interval.
5. An exact test on the stated side, raw and adjusted for length (the larger p-value counts), and
   Holm's correction over all stated claims.

With too few documents to set any aside, those that were compared are read. They helped to choose
the findings, so a claim then `agrees` at best; it does not hold.

Rationale: `docs/claims.md`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from corpuscope.analyses.comparison.arguments import By, name_of
from corpuscope.analyses.comparison.groups import Contrast, Groups
from corpuscope.analyses.comparison.setup import Setup, counting
from corpuscope.analyses.comparison.two_groups import groups_of, set_up_two_groups
from corpuscope.analyses.diff.analysis import difference
from corpuscope.analyses.diff.result import DiffResult
from corpuscope.analyses.results.base import in_order
from corpuscope.claiming.claim import OUTCOMES, Claim
from corpuscope.claiming.halves import halves
from corpuscope.claiming.judging.verify import Texts, reading_requests, verify
from corpuscope.claiming.material import Shown, material_of
from corpuscope.claiming.result import ClaimsResult
from corpuscope.claiming.set_aside import set_aside, units_of
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.claiming.statement import Statement
from corpuscope.claiming.stating.pairs_read import listed, listing_requests, summed_up
from corpuscope.claiming.stating.prompts import stating_request
from corpuscope.claiming.stating.state import Stated, drawn_sides, joined, state, state_in_words
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.plan import Plan
from corpuscope.ranges import no_such_column
from corpuscope.store.joined import Stores

__all__ = ["claims"]

_PARAMETERS = (
    "by", "target", "reference", "pair", "group", "over_time", "n", "max_claims", "max_findings",
    "read_pairs",
    "per_call", "n_planted", "checks", "verify", "reads", "prompt", "smallest", "alpha",
    "max_characters", "seed",
)  # fmt: skip


def claims(
    store: Stores,
    *,
    by: By = None,
    target: str | None = None,
    reference: str | Sequence[str] | None = None,
    pair: str | None = None,
    group: str | None = None,
    over_time: bool = False,
    llm: LLM | None = None,
    settings: ClaimSettings | None = None,
    before: Callable[[Plan], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ClaimsResult:
    """What can be said of the difference between groups, each sentence tested by reading.

    Args:
        store: The store, or several stores of one dictionary, which are joined.
        by: The column of the groups, as in `diff`.
        target: The group of interest; with two groups the second in sorted order by default.
        reference: The group or groups to compare it with; all others by default. With several,
            texts of all of them are read.
        pair: A column that pairs documents of different groups, such as the id of the prompt.
        group: A column of clusters of dependent documents, such as the author.
        over_time: Whether `by` is a column of times or numbers, of which the later half is
            compared with the earlier one; the later half is the target.
        llm: Who states and who reads; None states claims in the words of the findings' labels,
            and nothing is read.
        settings: Further settings, such as `ClaimSettings(n=100)`.
        before: Called with what would be asked, and what it would cost, before anything is; to
            stop there, it raises.
        progress: Callback with the purpose of the requests, the number answered, and all.

    Raises:
        ColumnNotFound: A column does not exist.
        GroupNotFound: A group does not exist, or the target is ambiguous.
        PairingError: The documents cannot be paired.
        NotEnoughData: A group is too small.
        EndpointRefused: The language model cannot be asked; answers so far are kept.
        BudgetTooSmall: The budget does not allow even the planted texts.
        AnswersMissing: Requests wait for answers in a folder.

    Example:
        >>> llm = LLM(Endpoint("gpt-5.2"))  # doctest: +SKIP
        >>> claims(store, by="model", target="new", pair="prompt_id", llm=llm)  # doctest: +SKIP
    """
    settings = settings or ClaimSettings()
    settings.check()
    source, column = NamedStore(store), name_of(by)
    if settings.prompt is not None and settings.prompt not in source.columns:
        raise no_such_column(source.stores[0].path, settings.prompt, source.columns)
    if over_time:
        by, target, reference = *_later_half(source, by, target, reference), None
    asked = {
        "by": by, "target": target, "reference": reference, "pair": pair, "group": group,
        "strata": [],
    }  # fmt: skip
    compared = _compared(source, asked, settings)
    found = difference(
        compared.setup, {"by": column, "pair": pair, "group": group, "strata": []},
        adjust=True, q=_Q, settings=settings.comparison,
    )  # fmt: skip
    bases = units_of(compared.setup.groups, n=source.n_documents, seed=settings.seed + 1)
    _check_readable(bases, llm, settings)
    shown = material_of(source, found, bases, n=settings.max_findings, seed=settings.seed)
    texts = Texts(
        source, compared.contrast, bases, compared.setup.covariates, compared.is_independent
    )
    if llm is not None and before is not None:
        before(_plan(shown, texts, llm, settings))
    stated = _stated(shown, found, texts, llm, settings)
    if llm is not None and settings.read_pairs:
        read = _stated_from_pairs(texts, llm, settings)
        stated = joined(stated, read, llm)
    verified = verify(stated.statements, shown, texts, llm, settings=settings, progress=progress)
    return ClaimsResult(
        parameters=in_order(
            _PARAMETERS,
            {"by": column, "pair": pair, "group": group, "over_time": over_time},
            {"target": found.target, "reference": list(found.references)},
            {name: value for name, value in asdict(settings).items() if name != "comparison"},
        ),
        store=found.store,
        digest=source.digest,
        n_documents=compared.n_documents,
        warnings=(
            *compared.warnings, *found.warnings, *stated.warnings, *verified.warnings,
            *_depth_warnings(texts, llm, settings),
        ),
        target=found.target,
        references=found.references,
        is_paired=texts.contrast.is_paired,
        is_independent=texts.is_independent,
        n_read=verified.n_read,
        claims=tuple(sorted(verified.claims, key=_firmness)),
        dropped=stated.dropped,
        n_proposed=stated.n_proposed,
        coverage=verified.coverage,
        judge=verified.judge,
        receipt=None if llm is None else llm.receipt(),
        found=found,
    )  # fmt: skip


def _later_half(
    source: NamedStore, by: By, target: str | None, reference: str | Sequence[str] | None
) -> tuple[By, str]:
    """The half of each document, and the name of the later one."""
    if not isinstance(by, str) or target is not None or reference is not None:
        raise InputError(
            "over_time without a column of times, or with a target or reference",
            expected="by, a column of times or numbers, whose later half is the target",
            next_step="name the column, and leave out target and reference",
        )
    return halves(source, by)


# The false discovery rate of the findings that claims are made from.
_Q = 0.05


@dataclass(frozen=True, eq=False)
class _Compared:
    """The comparison, and the documents to read.

    Attributes:
        setup: The comparison of the documents that were not set aside.
        contrast: The pairs, or documents, to read.
        is_independent: Whether they were set aside.
        n_documents: All documents that take part.
        warnings: Notes on copies, which are dropped before anything is set aside.
    """

    setup: Setup[Groups]
    contrast: Contrast
    is_independent: bool
    n_documents: int
    warnings: tuple[str, ...]


def _compared(source: NamedStore, asked: Mapping[str, Any], settings: ClaimSettings) -> _Compared:
    """Documents set aside and the rest compared; or all compared, and these read."""
    comparison = settings.comparison
    groups, warnings = counting(
        source, groups_of(source, **asked), by=name_of(asked["by"]), pair=asked["pair"],
        group=asked["group"], count_copies=comparison.count_copies,
    )  # fmt: skip
    aside = set_aside(source, groups, n=settings.n, seed=settings.seed) if settings.verify else None
    setup = set_up_two_groups(
        source, **asked, settings=comparison, among=None if aside is None else aside.discovery
    )
    # Both halves helped to choose the findings: none is better than all documents.
    chosen = setup.groups if aside is None else aside.groups
    contrast = units_of(chosen, n=settings.n, seed=settings.seed)
    # Without documents set aside, the comparison has these warnings itself.
    return _Compared(
        setup, contrast, aside is not None, int(groups.rows.sum()), warnings if aside else ()
    )


def _stated(
    shown: Sequence[Shown], found: DiffResult, texts: Texts, llm: LLM | None,
    settings: ClaimSettings,
) -> Stated:  # fmt: skip
    if llm is None or not settings.reads:
        return state_in_words(shown, n=settings.max_claims)
    return state(
        shown, llm, n=settings.max_claims, is_paired=texts.contrast.is_paired,
        group_names=[found.target, *found.references], seed=settings.seed,
    )  # fmt: skip


def _check_readable(bases: Contrast, llm: LLM | None, settings: ClaimSettings) -> None:
    if settings.read_pairs and (llm is None or not bases.is_paired):
        raise InputError(
            f"read_pairs is {settings.read_pairs}, and "
            f"{'nobody is named who reads' if llm is None else 'texts are not paired'}",
            expected="pairs of texts, and a language model",
            next_step="name a pair column and a language model, or leave read_pairs out",
        )


def _pairs_to_list(
    texts: Texts, settings: ClaimSettings
) -> tuple[list[tuple[str, str]], list[str | None]]:
    """The pairs to list differences of, target's text first, and the requests they answer."""
    rows = np.stack([texts.bases.target_rows, texts.bases.reference_rows], axis=1)
    prompts = None if settings.prompt is None else texts.source.column(settings.prompt)
    pairs: list[tuple[str, str]] = []
    asked: list[str | None] = []
    order = np.random.default_rng([settings.seed, 11]).permutation(len(rows))
    for target, reference in rows[order][: settings.read_pairs].tolist():
        one, other = texts.source.texts([target, reference])
        if max(len(one), len(other)) <= settings.max_characters:
            pairs.append((one, other))
            value = None if prompts is None else prompts[target]
            asked.append(None if value is None or value != value else str(value))
    return pairs, asked


def _stated_from_pairs(texts: Texts, llm: LLM, settings: ClaimSettings) -> list[Statement]:
    pairs, prompts = _pairs_to_list(texts, settings)
    differences = listed(pairs, prompts, llm, seed=settings.seed)
    return summed_up(differences, llm, drawn_sides(settings.seed), n=settings.max_claims)


def _firmness(claim: Claim) -> tuple[int, float, float]:
    """Claims that are borne out come first, those with the smallest p-value first of all."""
    size = claim.difference if claim.n else claim.found_difference
    return OUTCOMES.index(claim.outcome), claim.holm_p, -size


def _plan(shown: Sequence[Shown], texts: Texts, llm: LLM, settings: ClaimSettings) -> Plan:
    """What would be asked, with labels in the place of claims that are not known yet."""
    requests = []
    if settings.reads and shown:
        requests.append(
            stating_request(
                shown, drawn_sides(settings.seed), n=settings.max_claims,
                is_paired=texts.contrast.is_paired,
            )
        )  # fmt: skip
    if settings.read_pairs:
        listing = listing_requests(*_pairs_to_list(texts, settings), seed=settings.seed)
        requests += [request for _, request in listing]
    if settings.verify:
        likely = state_in_words(shown, n=settings.max_claims).statements
        requests += reading_requests(likely, shown, texts, settings)
    return Plan.of(requests, llm)


def _depth_warnings(texts: Texts, llm: LLM | None, settings: ClaimSettings) -> list[str]:
    if llm is None:
        return [
            "no language model was named: claims are labels in a fixed sentence, and nothing was "
            "read (--llm asks one, --llm-batch writes files that anyone can answer)"
        ]
    models = list(llm.receipt().models)
    several = (
        [f"answers came from {len(models)} models: {', '.join(models)}"] if len(models) > 1 else []
    )
    if texts.is_independent or not settings.verify:
        return several
    return [
        *several,
        "there are too few documents to set any aside: claims were read in documents that helped "
        "to find them, so that they agree at best",
    ]

"""Claims as they were saved: the inverse of `ClaimsResult.to_json`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from corpuscope.claiming.claim import Claim, QuotedPassage, ReadText
from corpuscope.claiming.judging.judge import Judge
from corpuscope.claiming.result import ClaimsResult
from corpuscope.claiming.stating.proposals import Dropped
from corpuscope.errors import InputError
from corpuscope.llm.budget import Estimate, Prices, Receipt, Spent
from corpuscope.llm.request import Usage
from corpuscope.statistics.judges.judged_differences import PlantedPairs
from corpuscope.statistics.judges.judged_rates import KnownAnswers

__all__ = ["claims_from_json"]

_PAIRS = ("interval", "corrected_interval")
_WORDS = ("sentence", "negation", "side", "kind", "outcome")
_COUNTS = ("n", "n_unclear", "n_unread")


def claims_from_json(value: Mapping[str, Any]) -> ClaimsResult:
    """The result that `to_json` made; without the differences that it was made from.

    Raises:
        InputError: It is no result of `claims`.
    """
    if value.get("analysis") != "claims":
        raise InputError(
            f"a result of {value.get('analysis')!r}",
            expected="the JSON of claims",
            next_step="give what corpuscope claims --json printed",
        )
    try:
        return ClaimsResult(
            parameters=value["parameters"],
            store=value["store"]["path"],
            digest=value["store"]["digest"],
            n_documents=value["n_documents"],
            warnings=tuple(value["warnings"]),
            target=value["target"],
            references=tuple(value["references"]),
            is_paired=value["is_paired"],
            is_independent=value["is_independent"],
            n_read=value["n_read"],
            claims=tuple(_claim(one) for one in value["claims"]),
            dropped=tuple(Dropped(one["what"], one["why"]) for one in value["dropped"]),
            n_proposed=value["n_proposed"],
            coverage=_number(value["coverage"]),
            judge=None if value["judge"] is None else _judge(value["judge"]),
            receipt=None if value["receipt"] is None else _receipt(value["receipt"]),
            found=None,
        )
    except (KeyError, TypeError) as error:
        raise InputError(
            f"a result of claims without a part that it must have ({error})",
            expected="the JSON of claims, whole and unchanged",
            next_step="run claims again",
        ) from error


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _pair(value: Sequence[float | None]) -> tuple[float, float]:
    lower, upper = value
    return _number(lower), _number(upper)


def _claim(value: Mapping[str, Any]) -> Claim:
    given: dict[str, Any] = {}
    for one in fields(Claim):
        part = value[one.name]
        if one.name in _PAIRS:
            given[one.name] = _pair(part)
        elif one.name in _WORDS or one.name in _COUNTS:
            given[one.name] = part
        elif one.name in ("findings", "features"):
            given[one.name] = tuple(part)
        elif one.name == "quotes":
            given[one.name] = tuple(QuotedPassage(**quote) for quote in part)
        elif one.name == "texts":
            given[one.name] = tuple(
                ReadText(tuple(text["ids"]), text["says"], text["reason"]) for text in part
            )
        else:
            given[one.name] = _number(part)
    return Claim(**given)


def _judge(value: Mapping[str, Any]) -> Judge:
    pairs, texts, neutral = value["planted_pairs"], value["planted_texts"], value["neutral"]

    def planted(one: Mapping[str, int]) -> PlantedPairs:
        return PlantedPairs(one["right"], one["wrong"], one["n"])

    return Judge(
        planted=None if pairs is None else planted(pairs),
        planted_by_side={} if pairs is None else {
            side: planted(one) for side, one in pairs["by_side"].items()
        },
        known=None if texts is None else KnownAnswers(
            texts["found"], texts["n"], texts["false_alarms"], texts["n_without"]
        ),
        neutral=(neutral["target"], neutral["reference"], neutral["n"]),
        is_uneven=value["is_uneven"],
        consistency=_number(value["consistency"]),
        negations_passing=value["negations_passing"],
        n_negations=value["n_negations"],
        others_passing=value["others_passing"],
        n_others=value["n_others"],
        same_again=_number(value["same_again"]),
        same_alone=_number(value["same_alone"]),
    )  # fmt: skip


def _receipt(value: Mapping[str, Any]) -> Receipt:
    expected, prices = value["estimate"], value["prices"]
    priced = None if prices is None else Prices(prices["in"], prices["out"])
    return Receipt(
        by_purpose={name: _spent(one) for name, one in value["by_purpose"].items()},
        prices=priced,
        estimate=None
        if expected is None
        else Estimate(by_purpose={"": _spent(expected)}, prices=priced, most=0),
        models=value["models"],
        stopped_by_budget=value["stopped_by_budget"],
        n_not_answered=value["not_answered"],
    )


def _spent(value: Mapping[str, Any]) -> Spent:
    usage = Usage(value["tokens_in"], value["tokens_out"])
    return Spent(value["calls"], value.get("cached", 0), usage)

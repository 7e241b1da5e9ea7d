"""Prints the result of `claims`."""

import math
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.bill import bill_in_words
from corpuscope.cli.terminal.text import (
    add_numbers,
    called,
    new_table,
    points,
    print_indented,
    print_result,
    print_table,
    visible,
)

if TYPE_CHECKING:
    from corpuscope.claiming.claim import Claim
    from corpuscope.claiming.judging.judge import Judge
    from corpuscope.claiming.result import ClaimsResult

_STYLES = {"holds": "green", "agrees": "green", "refuted": "red"}
_N_DROPPED = 8
_FINDINGS = 4


def show(found: "ClaimsResult", *, as_json: bool, n_evidence: int) -> None:
    """Print a table of claims, their quotations, what is known of the judge, and the bill.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Quotations, and texts that were read, for each claim.
    """
    print_result(found, as_json=as_json, body=partial(_print, found, n_evidence))


def _print(found: "ClaimsResult", n_evidence: int, console: Console) -> None:
    console.print(_headline(found))
    if found.claims:
        print_table(console, _table(found))
    for i, claim in enumerate(found.claims):
        if n_evidence:
            _print_claim(console, found, i, claim, n_evidence)
    if found.dropped and found.judge is not None:
        _print_dropped(console, found)
    if found.judge is not None:
        _print_judge(console, found.judge)
    if found.receipt is not None:
        console.print(Text(f"\n{bill_in_words(found.receipt)}", style="dim"))


def _headline(found: "ClaimsResult") -> Text:
    n = len(found.claims)
    sides = f"{called(found.target)} vs. {', '.join(map(called, found.references))}"
    if found.judge is None:
        line = Text(f"{n} claim{'' if n == 1 else 's'}", style="bold")
        return line.append(f", not read: {sides}; {found.n_documents:,} documents", "not bold")
    word = "hold" if found.is_independent else "agree"
    line = Text(f"{found.n_borne_out} of {n} claims {word}", style="bold")
    what = "pairs" if found.is_paired else "texts"
    where = "set aside" if found.is_independent else "that were compared"
    line.append(f": {sides}; {found.n_read:,} {what} {where} were read", style="not bold")
    if not math.isnan(found.coverage):
        line.append(f"; one of them or more shows in {found.coverage:.0%}", style="not bold")
    return line


def _table(found: "ClaimsResult") -> Table:
    table = new_table()
    add_numbers(table, "")
    table.add_column("", no_wrap=True)
    table.add_column("more often", no_wrap=True, max_width=14)
    table.add_column("claim", max_width=58)
    add_numbers(table, "judged", "corrected", "p (Holm)")
    for i, one in enumerate(found.claims, start=1):
        group = found.target if one.side == "target" else ", ".join(found.references)
        word = one.outcome.replace("_", " ")
        table.add_row(
            Text(str(i), style="dim"),
            Text(word, style=_STYLES.get(one.outcome, "yellow")),
            Text(called(group), overflow="ellipsis"),
            visible(one.sentence),
            _size(one.difference, one.interval),
            _size(one.corrected, one.corrected_interval),
            "-" if not one.n else f"{one.holm_p:.2g}",
        )
    return table


def _size(value: float, interval: tuple[float, float]) -> str:
    if math.isnan(value):
        return "-"
    lower, upper = (100 * end for end in interval)
    return f"{points(value)} ({lower:+.0f}..{upper:+.0f})"


def _print_claim(console: Console, found: "ClaimsResult", i: int, one: "Claim", n: int) -> None:
    console.print(Text(f"\n{i + 1}  {visible(one.sentence)}", style="bold"))
    more = f" and {len(one.findings) - _FINDINGS} more" if len(one.findings) > _FINDINGS else ""
    listed = "; ".join(map(visible, one.findings[:_FINDINGS]))
    origin = f"from: {listed}{more}" if one.findings else "from reading pairs, not from a finding"
    print_indented(console, Text(origin, style="dim"))
    if one.n:
        print_indented(console, Text(_counts(found, one), style="dim"))
    for quote in one.quotes[:n]:
        text = Text(f"{visible(quote.id)}: ", style="dim").append(
            f"“{visible(quote.passage)}”", style="not dim"
        )
        print_indented(console, text)
    for said in one.texts[:n]:
        ids = " and ".join(map(visible, said.ids))
        side = {"target": found.target, "reference": ", ".join(found.references)}.get(said.says)
        verdict = f"only {called(side)}" if side else said.says
        print_indented(console, Text(f"read {ids}: {verdict}: {visible(said.reason)}", style="dim"))


def _counts(found: "ClaimsResult", one: "Claim") -> str:
    parts = [
        f"{called(found.target)} {one.rate_target:.0%}, "
        f"{', '.join(map(called, found.references))} {one.rate_reference:.0%} of {one.n:,}",
        f"length-adjusted {points(one.adjusted_difference)}",
    ]
    if one.findings:
        parts.append(f"found as {points(one.found_difference)}")
    if not math.isnan(one.consistency):
        parts.append(f"{one.consistency:.0%} alike in both orders")
    if one.n_unclear or one.n_unread:
        parts.append(
            f"{one.n_unclear} unclear and {one.n_unread} unread: {points(one.worst_difference)} at "
            "worst"
        )
    if one.outcome in ("undecided", "refuted"):
        parts.append(_why_not(one))
    return "; ".join(parts)


def _why_not(one: "Claim") -> str:
    if one.interval[0] > 0 and not one.adjusted_difference > one.difference / 2:
        return "not more often at equal length: longer texts may have more of everything"
    return f"{100 * one.detectable:.0f} points would have been seen in four of five tries"


def _print_dropped(console: Console, found: "ClaimsResult") -> None:
    console.print(Text(f"\nIn no claim: {len(found.dropped)}", style="dim"))
    for one in found.dropped[:_N_DROPPED]:
        print_indented(console, Text(f"{visible(one.what)} ({visible(one.why)})", style="dim"))


def _print_judge(console: Console, judge: "Judge") -> None:
    parts = []
    if judge.planted is not None:
        one = judge.planted
        parts.append(f"names the side of a planted sentence in {one.right} of {one.n} pairs, the "
                     f"other in {one.wrong}")  # fmt: skip
    if judge.known is not None:
        known = judge.known
        parts.append(f"finds a planted sentence in {known.hits} of {known.n_positive} texts, and "
                     f"claims that should not be there in {known.false_alarms} of "
                     f"{known.n_negative}")  # fmt: skip
    if not math.isnan(judge.consistency):
        parts.append(f"says the same in both orders of {judge.consistency:.0%}")
    if not math.isnan(judge.same_again):
        parts.append(f"the same when asked again {judge.same_again:.0%}")
    if not math.isnan(judge.same_alone):
        parts.append(f"the same when asked alone {judge.same_alone:.0%}")
    if judge.n_negations:
        parts.append(
            f"finds {judge.negations_passing} of {judge.n_negations} negations and "
            f"{judge.others_passing} of {judge.n_others} other matters on a side"
        )
    if parts:
        console.print(Text(f"\nThe judge {'; '.join(parts)}."))

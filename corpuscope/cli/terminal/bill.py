"""What was asked and spent, on a line."""

from typing import TYPE_CHECKING

from corpuscope.cli.terminal.text import visible

if TYPE_CHECKING:
    from corpuscope.llm.budget import Receipt


def bill_in_words(receipt: "Receipt") -> str:
    """Calls, tokens and money, beside what was expected, and who answered."""
    whole = receipt.all
    line = (
        f"{whole.n_calls:,} calls, {whole.usage.n_in:,} tokens in and {whole.usage.n_out:,} out"
        f"{'' if receipt.money is None else f', {receipt.money:,.2f} in money'}"
        f"{f'; {whole.n_cached:,} answers were there' if whole.n_cached else ''}"
    )
    if receipt.estimate is not None:
        expected = receipt.estimate.all
        line += (
            f" (expected {expected.n_calls:,} calls, {expected.usage.n_in:,} and "
            f"{expected.usage.n_out:,})"
        )
    if receipt.models:
        line += f"; answered by {', '.join(map(visible, receipt.models))}"
    if receipt.stopped_by_budget:
        line += "; stopped by the budget"
    return line

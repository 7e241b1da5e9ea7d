"""The picture of claims shows what was judged and what was corrected."""

from corpuscope.claiming.judging.verdicts import not_read
from corpuscope.claiming.plot import plot_claims
from tests.claiming.worlds import shown, statement


def test_claims_that_were_not_read_have_a_row_and_no_mark() -> None:
    claims = not_read([statement("The text costs $5 or more.")], [shown()])
    axes = plot_claims(claims, target="new", references=("old",), ax=None)
    assert len(axes.get_yticklabels()) == 1
    assert r"\$" in axes.get_yticklabels()[0].get_text()
    assert not [line for line in axes.lines if line.get_marker() == "o"]

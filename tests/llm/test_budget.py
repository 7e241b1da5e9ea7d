"""Estimates learn from replies; what is set aside is given back."""

import pytest

from corpuscope.errors import InputError
from corpuscope.llm.budget import Budget, Ledger, Prices
from corpuscope.llm.request import Usage
from tests.llm.worlds import request


def test_an_estimate_is_calibrated_by_ten_replies() -> None:
    ledger = Ledger(Budget(), None)
    one = request()
    first = ledger.estimate([one]).all.usage
    assert first == Usage(round(one.n_characters / 4), 25)
    for number in range(10):
        again = request(number)
        assert ledger.reserve_once(again)
        ledger.book(again, Usage(again.n_characters // 2, 7), is_counted=True)
    usage = ledger.estimate([one]).all.usage
    assert usage.n_in == pytest.approx(one.n_characters / 2, abs=1)
    assert usage.n_out == 7


def test_no_tokenizer_needs_more_than_the_bound() -> None:
    one = request(system="größe 🙂" * 20)
    n_bytes = sum(len(message["content"].encode()) for message in one.messages)
    assert one.most_tokens >= n_bytes + one.max_output


def test_what_never_came_is_given_back() -> None:
    one = request()
    ledger = Ledger(Budget(tokens=one.most_tokens), None)
    assert ledger.reserve_once(one)
    # A retry of the same request keeps its place; another has none.
    assert ledger.reserve_once(one)
    assert not ledger.reserve_once(request(1))
    ledger.release(one)
    assert ledger.reserve_once(request(1))


def test_a_receipt_tells_money_by_the_users_prices() -> None:
    ledger = Ledger(Budget(), Prices(2.0, 10.0))
    one = request()
    ledger.reserve_once(one)
    ledger.book(one, Usage(1_000, 500), is_counted=True)
    assert Prices(2.0, 10.0).of(ledger.by_purpose["verify"].usage) == pytest.approx(0.007)
    assert ledger.estimate([one], known=[request(1)]).all.n_cached == 1


@pytest.mark.parametrize("budget", [Budget(tokens=0), Budget(money=1.0), Budget(tokens=-5)])
def test_budgets_that_mean_nothing(budget: Budget) -> None:
    with pytest.raises(InputError):
        Ledger(budget, None)

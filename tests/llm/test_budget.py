"""Estimates learn from replies; what is set aside is given back."""

import threading

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
        assert ledger.reserve(again)
        ledger.book(again, Usage(again.n_characters // 2, 7), is_counted=True)
    usage = ledger.estimate([one]).all.usage
    assert usage.n_in == pytest.approx(one.n_characters / 2, abs=1)
    assert usage.n_out == 7


def test_no_tokenizer_needs_more_than_the_bound() -> None:
    one = request(system="größe 🙂" * 20)
    n_bytes = sum(len(message["content"].encode()) for message in one.messages)
    assert one.most_tokens >= n_bytes + one.max_output


def test_what_is_in_the_air_is_waited_for() -> None:
    """A request that does not fit yet waits; it is sent once the one before took less."""
    one, other = request(), request(1)
    ledger = Ledger(Budget(tokens=one.most_tokens + 100), None)
    assert ledger.reserve(one)
    # A retry of the same request keeps its place.
    assert ledger.reserve(one)
    allowed: list[bool] = []
    waiting = threading.Thread(target=lambda: allowed.append(ledger.reserve(other)))
    waiting.start()
    waiting.join(0.05)
    assert allowed == []
    ledger.book(one, Usage(40, 10), is_counted=True)
    waiting.join(5)
    assert allowed == [True]


def test_what_can_never_fit_is_refused() -> None:
    one, other = request(), request(1)
    ledger = Ledger(Budget(tokens=one.most_tokens), None)
    assert ledger.reserve(one)
    ledger.book(one, Usage(400, 100), is_counted=True)
    assert not ledger.reserve(other)
    assert not Ledger(Budget(tokens=one.most_tokens), None).reserve(one, thinking=1)


def test_what_never_came_is_given_back_once() -> None:
    one = request()
    ledger = Ledger(Budget(tokens=one.most_tokens), None)
    for _ in range(2):
        assert ledger.reserve(one)
        ledger.release(one)
        ledger.release(one)


def test_a_receipt_tells_money_by_the_users_prices() -> None:
    ledger = Ledger(Budget(), Prices(2.0, 10.0))
    one = request()
    ledger.reserve(one)
    ledger.book(one, Usage(1_000, 500), is_counted=True)
    assert Prices(2.0, 10.0).of(ledger.by_purpose["verify"].usage) == pytest.approx(0.007)
    assert ledger.estimate([one], known=[request(1)]).all.n_cached == 1


@pytest.mark.parametrize("budget", [Budget(tokens=0), Budget(money=1.0), Budget(tokens=-5)])
def test_budgets_that_mean_nothing(budget: Budget) -> None:
    with pytest.raises(InputError):
        Ledger(budget, None)

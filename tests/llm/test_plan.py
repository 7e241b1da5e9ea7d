"""A plan shows the first request of each purpose, and counts all."""

from corpuscope.claiming.judging.questions import Question
from corpuscope.llm.plan import Plan
from tests.claiming.worlds import llm


def test_the_first_of_each_purpose_is_shown() -> None:
    asked = [
        Question(purpose, (text, "other"), ("It is.",)).request()
        for purpose, text in (("verify", "a"), ("verify", "b"), ("check", "c"))
    ]
    model = llm()
    plan = Plan.of(asked, model)
    assert [one.purpose for one in plan.first_requests] == ["verify", "check"]
    assert plan.estimate.all.n_calls == 3
    assert plan.n_characters == sum(one.n_characters for one in asked)


def test_what_is_in_the_cache_is_not_sent() -> None:
    one, other = (Question("verify", (text, "x"), ("It is.",)).request() for text in "ab")
    model = llm()
    model.ask([one])
    plan = Plan.of([one, other], model)
    assert plan.estimate.all.n_calls == 1
    assert plan.n_characters == other.n_characters
    assert plan.first_requests == (other,)

"""Claims are found and borne out where something was planted, and only there."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import corpuscope as cs
from corpuscope.claiming.analysis import claims
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.errors import ColumnNotFound, GroupNotFound, InputError
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.plan import Plan
from corpuscope.llm.request import Request
from corpuscope.store.store import Store
from tests.claiming.worlds import Reader, llm, pairs, store

PAIRED = {"by": "model", "target": "new", "pair": "prompt"}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store(tmp_path_factory.mktemp("claims") / "planted.scope")


def test_planted_differences_become_claims_that_hold(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm())
    assert {(one.sentence, one.side, one.outcome) for one in found.claims} == {
        ("The text says 'certainly'.", "target", "holds"),
        ("The text says 'perhaps'.", "reference", "holds"),
    }
    assert found.is_independent
    assert found.is_paired
    assert found.n_read == 133  # A third of 400 pairs.
    for one in found.claims:
        assert one.difference == pytest.approx(0.35, abs=0.15)
        assert one.corrected_interval[0] < one.corrected < one.corrected_interval[1]
        assert one.n == 133
        assert not one.n_unread
        assert one.quotes
        assert one.texts
    assert found.judge is not None
    assert found.judge.planted is not None
    assert found.judge.planted.right == found.judge.planted.n
    assert found.judge.others_passing == 0
    assert found.judge.negations_passing == 0


def test_no_document_is_both_used_to_find_and_read(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm())
    read = {id for one in found.claims for text in one.texts for id in text.ids}
    quoted = {quote.id for one in found.claims for quote in one.quotes}
    compared = {shown.id for i in range(len(found.found)) for shown in found.found.evidence(i)}
    assert not read & (quoted | compared)
    assert found.n_documents == 800
    assert found.found.n_documents == 800 - 2 * 133


def test_a_judge_who_errs_is_corrected(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm(Reader(hit=0.8, alarm=0.05)))
    for one in found.claims:
        assert one.corrected > one.difference
        lower, upper = one.corrected_interval
        assert upper - lower > one.interval[1] - one.interval[0]


def test_a_judge_who_guesses_is_unfit(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm(Reader(hit=0.5, alarm=0.5)))
    assert {one.outcome for one in found.claims} == {"judge_unfit"}


def test_a_judge_who_always_names_the_first_text_bears_nothing_out(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm(Reader(first=1.0)))
    assert found.n_borne_out == 0
    assert all(one.difference == 0 for one in found.claims)
    assert any("goes by position" in one for one in found.warnings)


def test_a_judge_who_cannot_tell_leaves_claims_incomplete(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm(Reader(unclear=0.3)))
    assert {one.outcome for one in found.claims} == {"incomplete"}
    assert all(one.worst_difference < one.difference for one in found.claims)


def test_documents_that_are_not_paired_are_read_one_by_one(planted: Store) -> None:
    found = claims(planted, by="model", target="new", llm=llm())
    assert not found.is_paired
    assert found.n_read == 2 * 133
    assert found.n_borne_out == 2
    assert found.judge is not None
    assert found.judge.known is not None
    assert found.judge.known.hits == found.judge.known.n_positive


def test_few_documents_agree_at_best(tmp_path: Path) -> None:
    found = claims(store(tmp_path / "few.scope", pairs(150)), **PAIRED, llm=llm())
    assert not found.is_independent
    assert {one.outcome for one in found.claims} <= {"agrees", "undecided"}
    assert found.n_borne_out
    assert any("too few documents to set any aside" in one for one in found.warnings)


def test_without_a_language_model_claims_are_labels_and_not_read(planted: Store) -> None:
    found = claims(planted, **PAIRED)
    assert found.judge is None
    assert found.receipt is None
    assert {one.outcome for one in found.claims} == {"not_read"}
    assert any("certain" in one.sentence for one in found.claims)


def test_a_clusters_column_is_kept_together(planted: Store) -> None:
    found = claims(planted, **PAIRED, group="author", llm=llm())
    authors = dict(zip(planted.ids, planted.column("author"), strict=True))
    read = {authors[id] for one in found.claims for text in one.texts for id in text.ids}
    compared = {
        authors[shown.id] for i in range(len(found.found)) for shown in found.found.evidence(i)
    }
    assert not read & compared


def test_a_second_run_asks_nothing_and_says_the_same(planted: Store) -> None:
    model = llm()
    first = claims(planted, **PAIRED, llm=model).to_json()
    again = LLM(model.transport, model.cache)
    second = claims(planted, **PAIRED, llm=again).to_json()
    assert again.receipt().all.n_calls == 0
    assert {**first, "receipt": None} == {**second, "receipt": None}


def test_the_plan_is_told_before_anything_is_sent(planted: Store) -> None:
    class Stop(Exception):
        pass

    plans: list[Plan] = []

    def stop(plan: Plan) -> None:
        plans.append(plan)
        raise Stop

    def never(request: Request) -> dict[str, str]:
        raise AssertionError(request)

    with pytest.raises(Stop):
        claims(planted, **PAIRED, llm=LLM(Function(never, "never")), before=stop)
    (plan,) = plans
    assert {one.purpose for one in plan.first_requests} == {
        "state", "measure the judge", "verify", "check the judge",
    }  # fmt: skip
    assert plan.estimate.all.n_calls > 100


def test_a_reader_of_nothing_states_nothing(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=LLM(Function(lambda _: None, "silent")))
    assert found.claims == ()
    assert any("no claims were stated" in one for one in found.warnings)
    assert len(found.dropped) == len({one.what for one in found.dropped})


def test_verdicts_do_not_depend_on_what_the_judge_is_told_of_groups(planted: Store) -> None:
    seen: list[Request] = []
    reader = Reader()

    def watch(request: Request) -> object:
        seen.append(request)
        return reader(request)

    claims(planted, **PAIRED, llm=LLM(Function(watch, "watched")))  # type: ignore[arg-type]
    for request in seen:
        words = f"{request.system} {request.user}"
        assert "new" not in words.split()
        assert "old" not in words.split()
        if request.purpose != "state":
            assert "d1" not in words.split()


def test_the_request_that_texts_answer_is_shown_if_its_column_is_named(planted: Store) -> None:
    seen: list[Request] = []
    reader = Reader()

    def watch(request: Request) -> object:
        seen.append(request)
        return reader(request)

    settings = ClaimSettings(prompt="question", n=100)
    claims(planted, **PAIRED, llm=LLM(Function(watch, "w")), settings=settings)  # type: ignore[arg-type]
    assert all("What of number" in one.user for one in seen if one.purpose == "verify")
    assert not any("What of number" in one.user for one in seen if one.purpose == "state")


def test_texts_that_are_too_long_are_left_out_and_counted(planted: Store) -> None:
    most = int(np.median([len(text) for text in planted.texts(range(800))]))
    found = claims(planted, **PAIRED, llm=llm(), settings=ClaimSettings(max_characters=most))
    assert found.n_read < 133
    assert any("too long to be read whole" in one for one in found.warnings)


def test_the_answer_as_json_has_no_nan(planted: Store) -> None:
    found = claims(planted, **PAIRED, llm=llm())
    text = json.dumps(found.to_json(), allow_nan=False)
    assert json.loads(text)["n_borne_out"] == 2
    assert math.isclose(found.coverage, json.loads(text)["coverage"])


def test_mistakes_are_named(planted: Store) -> None:
    with pytest.raises(ColumnNotFound):
        claims(planted, by="modle")
    with pytest.raises(GroupNotFound):
        claims(planted, by="model", target="newer")
    with pytest.raises(ColumnNotFound):
        claims(planted, **PAIRED, settings=ClaimSettings(prompt="ask"))
    with pytest.raises(InputError, match="n is 3"):
        claims(planted, **PAIRED, settings=ClaimSettings(n=3))


def test_the_package_exports_it() -> None:
    assert cs.claims is claims


def test_pairs_are_read_for_claims_beside_the_findings(planted: Store) -> None:
    plans: list[Plan] = []
    settings = ClaimSettings(read_pairs=40)
    found = claims(planted, **PAIRED, llm=llm(), settings=settings, before=plans.append)
    # The reader here does not notice that both say the same, so each stands twice.
    assert sorted(len(one.findings) > 0 for one in found.claims) == [False, False, True, True]
    assert {one.outcome for one in found.claims} == {"holds"}
    assert plans[0].estimate.by_purpose["list differences"].n_calls == 40
    assert found.receipt is not None
    assert found.receipt.by_purpose["list differences"].n_calls == 40
    assert all(math.isnan(one.found_difference) for one in found.claims if not one.findings)


def test_pairs_can_only_be_read_where_there_are_pairs_and_a_reader(planted: Store) -> None:
    settings = ClaimSettings(read_pairs=40)
    with pytest.raises(InputError, match="texts are not paired"):
        claims(planted, by="model", target="new", llm=llm(), settings=settings)
    with pytest.raises(InputError, match="nobody is named"):
        claims(planted, **PAIRED, settings=settings)


def test_the_later_half_is_compared_with_the_earlier_one(tmp_path: Path) -> None:
    made = pairs()
    for number, one in enumerate(made):
        one.metadata["year"] = 2010 + (number // 80) % 5 + 5 * (one.metadata["model"] == "new")
    dated = store(tmp_path / "dated.scope", made)
    found = claims(dated, by="year", over_time=True, llm=llm())
    assert found.target == "later (2015 ... 2019)"
    assert found.references == ("earlier (2010 ... 2014)",)
    assert {(one.sentence, one.side, one.outcome) for one in found.claims} == {
        ("The text says 'certainly'.", "target", "holds"),
        ("The text says 'perhaps'.", "reference", "holds"),
    }
    assert found.parameters["by"] == "year"
    assert found.parameters["over_time"] is True
    with pytest.raises(InputError, match="over_time without a column"):
        claims(dated, by="year", target="2019", over_time=True)

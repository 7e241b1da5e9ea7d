"""Statements are verified on texts, whoever wrote them."""

import math
from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.comparison.covariates import covariates_of
from corpuscope.claiming.judging.verify import Texts, reading_requests, verify
from corpuscope.claiming.set_aside import units_of
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.claiming.statement import Statement
from corpuscope.errors import BudgetTooSmall
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.budget import Budget
from tests.claiming.test_set_aside import groups
from tests.claiming.worlds import Reader, llm, pairs, quote, shown, statement, store


def texts_of(path: Path, more: float, *, pair: str | None = "prompt", seed: int = 1) -> Texts:
    source = NamedStore(store(path, pairs(200, more=more, seed=seed)))
    contrast = units_of(groups(source, pair=pair), n=200, seed=0)
    return Texts(source, contrast, contrast, covariates_of(source, []), True)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    return texts_of(tmp_path_factory.mktemp("verify") / "planted.scope", 0.35)


def statements(source: NamedStore) -> list[Statement]:
    documents = source.texts(list(range(source.n_documents)))
    row = next(i for i, text in enumerate(documents) if "certainly" in text.split())
    return [
        statement(quotes=(quote(row, documents[row], "certainly"),)),
        statement("The text says 'perhaps'.", findings=(1,)),
        statement("The text says 'never'.", side="reference", findings=(1,)),
    ]


SHOWN = [shown(n_documents=400, has=())] * 2
FEW = ClaimSettings(checks=False)


def test_each_statement_gets_its_word(texts: Texts) -> None:
    found = verify(statements(texts.source), SHOWN, texts, llm(), settings=FEW)
    assert [one.outcome for one in found.claims] == ["holds", "refuted", "refuted"]
    certain, perhaps, never = found.claims
    assert certain.difference > 0.2 > -0.2 > perhaps.difference
    assert never.difference == 0
    assert never.rate_target == never.rate_reference == 0
    assert certain.holm_p < 0.001 < 0.9 < perhaps.holm_p
    assert certain.p_value <= certain.holm_p
    assert found.n_read == 200
    assert found.coverage == pytest.approx(certain.rate_target * 0.85, abs=0.1)


def test_rates_are_those_of_the_words(texts: Texts) -> None:
    found = verify(statements(texts.source), SHOWN, texts, llm(), settings=FEW)
    for rows, rate in (
        (texts.contrast.target_rows, found.claims[0].rate_target),
        (texts.contrast.reference_rows, found.claims[0].rate_reference),
    ):
        has = ["certainly" in text.split() for text in texts.source.texts(rows.tolist())]
        assert rate == pytest.approx(np.mean(has))


def test_sizes_of_statements_that_cannot_be_planted_are_not_corrected(texts: Texts) -> None:
    found = verify(statements(texts.source), SHOWN, texts, llm(), settings=FEW)
    assert not math.isnan(found.claims[0].corrected)
    given = [statement(has_place=False, quotes=())]
    found = verify(given, SHOWN, texts, llm(), settings=FEW)
    assert math.isnan(found.claims[0].corrected)
    assert found.claims[0].outcome == "holds"
    assert any("too few texts could be planted" in one for one in found.warnings)


def test_documents_read_alone_are_compared_by_group(tmp_path: Path) -> None:
    texts = texts_of(tmp_path / "alone.scope", 0.35, pair=None)
    found = verify(
        statements(texts.source), SHOWN, texts, llm(Reader(hit=0.9, alarm=0.05)), settings=FEW
    )
    certain = found.claims[0]
    assert certain.outcome == "holds"
    assert certain.n == 400
    assert certain.corrected > certain.difference
    assert {text.says for text in certain.texts} <= {"yes", "no"}


def test_a_budget_that_allows_no_planted_texts_is_told_before_anything_is_sent(
    texts: Texts,
) -> None:
    model = llm(budget=Budget(tokens=2_000))
    with pytest.raises(BudgetTooSmall, match="more than is left"):
        verify(statements(texts.source), SHOWN, texts, model, settings=FEW)
    assert model.receipt().all.n_calls == 0


def test_a_budget_that_ends_leaves_claims_incomplete(texts: Texts) -> None:
    whole = llm()
    verify(statements(texts.source), SHOWN, texts, whole, settings=FEW)
    spent = whole.receipt().all.usage
    model = llm(budget=Budget(tokens=(spent.n_in + spent.n_out) * 3 // 4))
    found = verify(statements(texts.source), SHOWN, texts, model, settings=FEW)
    assert {one.outcome for one in found.claims} == {"incomplete"}
    assert model.receipt().stopped_by_budget
    usage = model.receipt().all.usage
    assert usage.n_in + usage.n_out <= model.budget.tokens  # type: ignore[operator]
    assert any("could not be read" in one for one in found.warnings)


def test_nobody_to_ask_reads_nothing(texts: Texts) -> None:
    found = verify(statements(texts.source), SHOWN, texts, None, settings=FEW)
    assert {one.outcome for one in found.claims} == {"not_read"}
    assert found.judge is None


def test_the_requests_can_be_counted_beforehand(texts: Texts) -> None:
    model = llm()
    verify(statements(texts.source), SHOWN, texts, model, settings=ClaimSettings())
    asked = reading_requests(statements(texts.source), SHOWN, texts, ClaimSettings())
    assert len({one.key({}) for one in asked}) == model.receipt().all.n_calls


def test_no_difference_is_seldom_borne_out(tmp_path: Path) -> None:
    n_borne_out = 0
    for seed in range(12):
        texts = texts_of(tmp_path / f"{seed}.scope", 0.0, seed=seed)
        reader = Reader(hit=0.85, alarm=0.08, first=0.1, seed=seed)
        found = verify(statements(texts.source), SHOWN, texts, llm(reader), settings=FEW)
        n_borne_out += any(one.is_borne_out for one in found.claims)
    assert n_borne_out <= 1

"""A claim says whether reading bears it out."""

from dataclasses import replace

from corpuscope.claiming.claim import OUTCOMES
from corpuscope.claiming.judging.verdicts import not_read
from tests.claiming.worlds import shown, statement


def test_only_holding_and_agreeing_claims_are_borne_out() -> None:
    (one,) = not_read([statement()], [shown()])
    borne_out = {word for word in OUTCOMES if replace(one, outcome=word).is_borne_out}
    assert borne_out == {"holds", "agrees"}


def test_all_fields_are_told() -> None:
    (one,) = not_read([statement()], [shown()])
    assert one.to_json()["sentence"] == "The text says 'certainly'."
    assert set(one.to_json()) == set(one.__dataclass_fields__)

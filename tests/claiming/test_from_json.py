"""Claims that were saved come back as they were."""

import json
from pathlib import Path

import pytest

from corpuscope.claiming.analysis import claims
from corpuscope.claiming.from_json import claims_from_json
from corpuscope.errors import InputError
from corpuscope.llm.budget import Prices
from tests.claiming.worlds import llm, pairs, store


@pytest.mark.parametrize("pair", ["prompt", None])
def test_saved_claims_are_the_same(tmp_path: Path, pair: str | None) -> None:
    made = store(tmp_path / "planted.scope", pairs(320))
    found = claims(made, by="model", target="new", pair=pair, llm=llm(prices=Prices(1.0, 2.0)))
    saved = json.loads(json.dumps(found.to_json()))
    again = claims_from_json(saved)
    assert again.to_json() == saved
    assert again.n_borne_out == found.n_borne_out
    assert again.found is None


def test_claims_that_nobody_read_come_back_too(tmp_path: Path) -> None:
    found = claims(store(tmp_path / "planted.scope", pairs(60)), by="model", target="new")
    saved = json.loads(json.dumps(found.to_json()))
    assert claims_from_json(saved).to_json() == saved


def test_what_is_no_claims_is_refused() -> None:
    with pytest.raises(InputError, match="'diff'"):
        claims_from_json({"analysis": "diff"})
    with pytest.raises(InputError, match="without a part"):
        claims_from_json({"analysis": "claims"})

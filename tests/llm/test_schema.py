"""Forms of answers are strict, and tidied before they are held against an answer."""

import pytest

from corpuscope.llm.schema import Schema, choice, listing, number, record_of, text

NESTED = Schema(
    "claims",
    {
        "claims": listing(record_of(sentence=text(), side=choice(["target", "reference"]))),
        "grade": number(least=0, most=3),
    },
)


def test_every_object_is_closed_and_complete() -> None:
    def objects(schema: dict[str, object]) -> list[dict[str, object]]:
        inner = [one for value in schema.values() for one in (
            [value] if isinstance(value, dict) else [])]  # fmt: skip
        own = [schema] if schema.get("type") == "object" else []
        return own + [found for one in inner for found in objects(one)]

    found = objects(NESTED.json)
    assert len(found) == 2
    for one in found:
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])  # type: ignore[call-overload]


def test_choices_are_matched_without_case_deep_inside() -> None:
    value = {"claims": [{"sentence": " As is ", "side": " Target\n"}], "grade": 2}
    tidied = NESTED.tidied(value)
    assert tidied == {"claims": [{"sentence": " As is ", "side": "target"}], "grade": 2}
    assert NESTED.faults(tidied) == []


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"claims": [], "grade": 4}, "grade"), ({"claims": [{}], "grade": 1}, "claims/0"),
        ({"claims": {}, "grade": 1}, "claims"), ([], "answer"), ({"claims": []}, "answer"),
        ({"claims": [], "grade": 1.5}, "grade"),
    ],
)  # fmt: skip
def test_faults_name_their_place(value: object, where: str) -> None:
    assert any(fault.startswith(f"{where}:") for fault in NESTED.faults(value))

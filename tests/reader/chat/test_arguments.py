import json

import pytest

from corpuscope.reader.chat.arguments import arguments_in
from corpuscope.reader.chat.turns import Call

TEXT = '{"a": "é b", "n":[1, 2.5], "o": {}}'


def found(text: str, own: str = TEXT) -> str:
    """The characters that are found, each checked to be the same in both."""
    call = Call(0, 3, 100, own)
    pieces = arguments_in(text, 2, len(text), call)
    for one in pieces:
        start = one.document_start - 100
        assert text[one.start : one.end] == own[start : start + one.length]
        assert one.message == 3
    return "".join(text[one.start : one.end] for one in pieces)


@pytest.mark.parametrize("indent", [None, 2, 4])
@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_arguments_are_found_in_each_usual_form(
    indent: int | None, separators: tuple[str, str] | None
) -> None:
    if indent and separators:
        return
    form = json.dumps(json.loads(TEXT), ensure_ascii=False, indent=indent, separators=separators)
    assert "".join(found(f"{{}}{form} {{}}").split()) == "".join(TEXT.split())


def test_what_has_other_escapes_is_left_out() -> None:
    form = json.dumps(json.loads(TEXT))
    assert "".join(found(f"x {form}").split()) == '{"a":,"n":[1,2.5],"o":{}}'


def test_the_document_s_own_form_is_one_piece() -> None:
    assert found(f"x {TEXT}") == TEXT


def test_another_form_is_not_found() -> None:
    assert found("x <a>é b</a>") == ""
    assert found(TEXT[:2] + "x") == ""

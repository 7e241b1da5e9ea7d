"""Documents are values: equal by what they hold, and never changed."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from corpuscope.corpus.document import Document, Role, Skipped

DOCUMENT = Document("a", " e\u0301\r\n", {"year": 2020}, (Role(1, 3, "user"),))


def test_a_document_keeps_its_text_and_the_characters_of_its_roles_exactly() -> None:
    (role,) = DOCUMENT.roles
    assert (DOCUMENT.text, DOCUMENT.text[role.start : role.end]) == (" e\u0301\r\n", "e\u0301")
    assert Document("a", "x", {}).roles == ()


@pytest.mark.parametrize(
    "other", [{"id": "b"}, {"text": " \u00e9\r\n"}, {"metadata": {"year": 2021}}, {"roles": ()}]
)
def test_documents_are_equal_by_all_that_they_hold(other: dict[str, Any]) -> None:
    same = Document("a", " e\u0301\r\n", {"year": 2020}, (Role(1, 3, "user"),))
    assert same == DOCUMENT
    assert replace(same, **other) != DOCUMENT


@pytest.mark.parametrize(
    ("value", "name"),
    [(DOCUMENT, "text"), (Role(1, 3, "user"), "start"), (Skipped("a", "why", "where"), "reason")],
)
def test_nothing_about_them_is_changed_or_added(value: object, name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, "other")
    # Many are held at a time: no dict beside the values.
    assert not hasattr(value, "__dict__")

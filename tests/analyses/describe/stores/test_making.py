from corpuscope.analyses.describe.stores.making import making_of


def test_provenance_is_told_in_words() -> None:
    found = making_of(
        {
            "reader": {"name": "tiny"},
            "dictionary": {"digest": "abc", "parts": [{"unit": "token", "layers": [4, 6]}]},
            "presence": "above zero",
            "pooling": "max",
            "corpus": {"sources": ["a.jsonl"], "languages": {"en": 1.0}},
        }
    )
    assert (found.reader, found.dictionary, found.presence) == ("tiny", "abc", "above zero")
    assert dict(found.layers) == {"token": (4, 6)}
    assert (found.sources, dict(found.languages)) == (("a.jsonl",), {"en": 1.0})


def test_what_provenance_does_not_say_is_none() -> None:
    for given in ({}, {"reader": "tiny", "dictionary": None, "corpus": [1]}):
        found = making_of(given)
        assert (found.reader, found.dictionary, found.context, found.sources) == (
            None, None, None, (),
        )  # fmt: skip

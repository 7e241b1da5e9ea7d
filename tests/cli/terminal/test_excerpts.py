from corpuscope.cli.terminal.excerpts import highlighted


def test_spans_are_marked_in_their_order() -> None:
    shown = highlighted("one two three", [(8, 13), (0, 3)], marked=True)
    assert shown.plain == "[[one]] two [[three]]"
    plain = highlighted("one two", [(0, 3)], marked=False)
    assert plain.plain == "one two"
    assert [(span.start, span.end, span.style) for span in plain.spans] == [(0, 3, "reverse")]


def test_spans_that_overlap_or_lie_outside_are_left_out() -> None:
    assert highlighted("one two", [(0, 5), (4, 7), (6, 9)], marked=True).plain == "[[one t]]wo"


def test_control_characters_are_shown_and_lines_kept_where_asked() -> None:
    text = "a\x1b[2J\nb\u202e"
    assert highlighted(text, [], marked=False).plain == "a␛[2J⏎ b"
    assert highlighted(text, [], marked=False, lines=True).plain == "a␛[2J\nb"

from corpuscope.labels.distinct import made_distinct
from corpuscope.labels.label import Clause, Label
from tests.labels.worlds import sentence

LABEL = Label("sentence", "room", (Clause(("word=room",)),))
HOTEL, MEETING = Clause(("word=hotel",)), Clause(("word=meet",))
HOTELS = [sentence(f"A hotel room for {i}.") for i in "abcd"]
MEETINGS = [sentence(f"A meeting room for {i}.") for i in "abcd"]


def test_labels_that_are_the_same_get_what_tells_them_apart() -> None:
    made = made_distinct([LABEL, LABEL], [[MEETING, HOTEL], [HOTEL, MEETING]], [HOTELS, MEETINGS])
    assert [label.text for label in made] == ["room, hotel", "room, meeting"]
    assert made[0].criteria == (*LABEL.criteria, HOTEL)


def test_labels_stay_the_same_where_nothing_tells_them_apart() -> None:
    made = made_distinct([LABEL, LABEL], [[HOTEL], [HOTEL]], [HOTELS, HOTELS[::-1]])
    assert made == [LABEL, LABEL]


def test_labels_that_differ_already_are_left_alone() -> None:
    other = Label("sentence", "house", (Clause(("word=hous",)),))
    unnamed = Label("sentence", None, reason="too few")
    labels = [LABEL, other, unnamed, unnamed]
    assert made_distinct(labels, [[HOTEL]] * 4, [HOTELS] * 4) == labels

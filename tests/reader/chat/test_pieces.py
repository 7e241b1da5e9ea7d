from corpuscope.reader.chat.pieces import Piece, joined


def test_pieces_that_touch_in_both_texts_become_one() -> None:
    found = joined([Piece(10, 4, 2), Piece(5, 0, 3), Piece(8, 3, 1), Piece(20, 9, 0)])
    assert found == [Piece(5, 0, 4), Piece(10, 4, 2)]


def test_pieces_of_two_messages_stay_two() -> None:
    apart = [Piece(0, 0, 3, 0), Piece(3, 3, 3, 1)]
    assert joined(apart) == apart

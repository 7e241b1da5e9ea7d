from corpuscope.sites import SITES, Tap, in_order, layer_of, places_of


def test_the_residual_stream_is_a_plain_number_and_other_sites_are_taps() -> None:
    assert places_of([3, 1], "residual") == (3, 1)
    assert places_of([3], "mlp") == (Tap(3, "mlp"),)
    assert [layer_of(place) for place in (2, Tap(5, "attention"))] == [2, 5]
    assert str(Tap(5, "attention")) == "attention of layer 5"


def test_places_are_put_in_the_order_in_which_a_model_computes_them() -> None:
    places = [2, Tap(2, "mlp"), Tap(3, "residual-mid"), 2, Tap(2, "attention"), 0]
    assert in_order(places) == (0, Tap(2, "attention"), Tap(2, "mlp"), 2, Tap(3, "residual-mid"))
    assert len(SITES) == 6

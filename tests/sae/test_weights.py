import hashlib

from corpuscope.sae.conversion import weights_of
from corpuscope.sae.firing import Relu, TopK
from tests.sae.worlds import random_sae


def test_sizes_are_those_of_the_encoder() -> None:
    found = weights_of(random_sae(24, 16))
    assert (found.n_features, found.width) == (24, 16)


def test_arrays_suffice_where_each_feature_fires_by_its_own_value() -> None:
    assert weights_of(random_sae()).is_simple
    assert weights_of(random_sae(firing=Relu())).is_simple
    assert not weights_of(random_sae(firing=TopK(3))).is_simple


def test_a_hash_follows_the_arrays() -> None:
    digests = set()
    for sae in (random_sae(), random_sae(), random_sae(seed=1)):
        running = hashlib.blake2b()
        weights_of(sae).count_in(running)
        digests.add(running.hexdigest())
    assert len(digests) == 2

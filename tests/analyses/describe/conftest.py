import pytest

from corpuscope.store.store import Store
from tests.analyses.describe.worlds import pairs_store


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of pairs, with vectors; not to be changed."""
    return pairs_store(tmp_path_factory.mktemp("pairs") / "pairs.scope")

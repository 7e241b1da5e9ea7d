"""What a store holds: columns, features, how it was made, and questions that fit it."""

from corpuscope.analyses.describe.described_store import described
from corpuscope.analyses.describe.histograms import histogram
from corpuscope.analyses.describe.stores.columns import columns_of
from corpuscope.analyses.describe.stores.making import features_summary, making_of
from corpuscope.analyses.describe.stores.proposals import proposals_of
from corpuscope.analyses.describe.stores.store_description import StoreDescription
from corpuscope.store.joined import Stores

_N_SKIPPED = 20


def describe_store(store: Stores) -> StoreDescription:
    """A store: its columns with their values, its features, how it was made, and proposals.

    Args:
        store: The store. Several stores of one dictionary are read as one; columns are then those
            that all of them have.

    Cost: the first call reads all strengths and 20,000 texts (some seconds for 100,000
    documents), later ones the columns.

    Raises:
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: There is no store at a path, or it cannot be read.

    Example:
        >>> found = describe_store("answers.scope")  # doctest: +SKIP
        >>> found.proposals[0].asks, found.proposals[0].command  # doctest: +SKIP
    """
    here = described(store)
    one, columns = here.store, columns_of(here)
    return StoreDescription(
        parameters={},
        store=str(one.path),
        digest=one.digest,
        n_documents=here.n_documents,
        warnings=tuple(one.warnings),
        is_complete=one.is_complete,
        n_features=one.n_features,
        n_tokens=int(here.source.n_tokens.sum()),
        n_strengths=one.n_strengths,
        has_vectors=one.vector_width > 0,
        lengths=histogram(here.source.n_tokens),
        columns=columns,
        features=features_summary(here),
        made=making_of(one.provenance),
        provenance=one.provenance,
        skipped=one.skipped_counts,
        first_skipped=tuple(one.skipped[:_N_SKIPPED]),
        proposals=proposals_of(here, columns),
    )

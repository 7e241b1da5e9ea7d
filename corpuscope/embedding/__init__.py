"""Short texts as vectors, without a GPU library: what a phrase means, beside other phrases."""

"""Design matrices of probes: states and features of a store's documents, reread and pooled."""

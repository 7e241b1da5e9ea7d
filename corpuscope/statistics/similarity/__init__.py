"""Similarity of documents: Jaccard index, nearest neighbours, spectral coordinates."""

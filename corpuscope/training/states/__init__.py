"""The reader's states of a corpus, cached on disk for training."""

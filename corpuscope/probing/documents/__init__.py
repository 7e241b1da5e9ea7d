"""The documents of a probe: targets, splits, and unseen corpora."""

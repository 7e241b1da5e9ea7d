"""Documents for probing: targets, splits and unseen corpora."""

"""Probes: what predicts a label, and whether that transfers to unseen corpora.

`documents` holds targets, splits and unseen corpora. `matrices` rereads a store's texts and pools
states and features into design matrices. `models` fits linear and attention probes. `learner`
trains each probe, `metrics` evaluates it.
"""

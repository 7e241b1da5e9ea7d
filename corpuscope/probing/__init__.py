"""Probes: what a label can be told from, and whether that holds on corpora that were not seen.

`reading` reads a store's texts again and pools states and features; `pooled` keeps them.
`targets` and `splits` say what is learned from which documents; `specs` says by which probes;
`learner` has each of them learn, with the solver; `evaluating` judges them.
"""

"""The dictionary: sparse autoencoders over states; knows no text.

`model` is one SAE and `firing` its rule; `train` learns it; `dictionary` adds what it takes to
use it, `files` keeps that in a folder; `strongest` encodes and pools.
"""

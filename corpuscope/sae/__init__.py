"""Dictionaries: sparse autoencoders (SAEs) over states; independent of text.

`model` is one SAE and `firing` its activation function; `train` trains it; `dictionary` adds what
it takes to use it, `files` saves that in a folder; `max_pooling` encodes and pools.
"""

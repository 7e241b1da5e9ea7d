"""A language model, read up to one layer.

`language_model` loads one and taps its layers; `sections` and `passages` cut documents into
what it is fed; `masks` says which tokens count; `read` puts them together. Knows no dictionary.
"""

"""The reader: a language model that is run up to a given layer.

`language_model` loads one and hooks its layers; `sections` and `passages` split documents into
its inputs; `masks` says which tokens count; `read` combines these. Independent of dictionaries.
"""

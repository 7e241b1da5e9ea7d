"""Labels of features, and their scores.

`contexts` collects contexts of a feature; `proposals` makes a label from traits that are enriched
in them; `score` is how often the label picks the feature's context out of eleven; `from_words` does
all of it for a store. No language model is used.
"""

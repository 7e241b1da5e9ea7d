"""Names for features, and how far to trust them.

`contexts` finds where a feature is; `words` makes a label from what its contexts have and
others have not; `score` says how often the label picks the feature's context out of eleven;
`label_store` does all of it for a store. No language model is asked.
"""

"""Names for features, and how far to trust them.

`contexts` finds where a feature is; `words` makes a label from what its contexts have and
others have not; `score` says how often the label picks the feature's context out of eleven;
`label_store` does all of it for a store. No language model is asked.
"""

from corpuscope.labels.context import Context, FeatureContexts, Kind
from corpuscope.labels.contexts import background, collect_contexts
from corpuscope.labels.label import Clause, Label
from corpuscope.labels.label_store import label_features
from corpuscope.labels.score import CHANCE, LabelScore, score_label, top_token_label
from corpuscope.labels.words import label_feature

__all__ = [
    "CHANCE",
    "Clause",
    "Context",
    "FeatureContexts",
    "Kind",
    "Label",
    "LabelScore",
    "background",
    "collect_contexts",
    "label_feature",
    "label_features",
    "score_label",
    "top_token_label",
]

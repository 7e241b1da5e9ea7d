"""The torch array shapes that the reader and the dictionary share; see `shapes`."""

import torch
from jaxtyping import Bool, Float, Int

States = Float[torch.Tensor, "units width"]
"""One hidden vector for each unit (token or sentence)."""

KeptStates = Float[torch.Tensor, "kept width"]
"""The vectors of those units that are kept."""

SentenceStates = Float[torch.Tensor, "sentences width"]
"""One vector for each sentence, beside the states of its tokens."""

BatchStates = Float[torch.Tensor, "texts positions width"]
"""The hidden vectors of a padded batch."""

TokenIds = Int[torch.Tensor, "texts positions"]
"""A padded batch of token ids."""

TokenMask = Bool[torch.Tensor, "texts positions"]
"""Which positions of a padded batch hold a token."""

UnitMask = Bool[torch.Tensor, " units"]
"""Which units count."""

Activations = Float[torch.Tensor, "units features"]
"""What each feature does at each unit; at least 0, in units of the dictionary."""

PerFeatureTensor = Float[torch.Tensor, " features"]
"""A number for each feature, such as a bias or a threshold."""

FeatureVectors = Float[torch.Tensor, "features width"]
"""One vector for each feature, such as a row of the encoder or of the decoder."""

Vector = Float[torch.Tensor, " width"]
"""One vector in the space of the states."""

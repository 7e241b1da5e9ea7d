"""The array shapes that everyone shares; the axis name is the documentation.

Checked in tests by jaxtyping and beartype. Torch shapes live in `tensor_shapes`.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

PerDocument = Int[np.ndarray, " documents"]
"""An integer for each document, such as its group, its stratum or its length."""

DocumentMask = Bool[np.ndarray, " documents"]
"""Which documents take part."""

PerFeature = Float[np.ndarray, " features"]
"""A number for each feature, such as a rate, a difference or a p-value."""

CountPerFeature = Int[np.ndarray, " features"]
"""A number of documents (or of pairs of documents) for each feature."""

FeatureMask = Bool[np.ndarray, " features"]
"""Which features are meant."""

CountPerStratum = Int[np.ndarray, " strata"]
"""A number of documents for each stratum."""

CountPerStratumAndFeature = Int[np.ndarray, "strata features"]
"""A number of documents for each stratum and feature."""

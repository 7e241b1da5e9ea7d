"""The array shapes that everyone shares; the axis name is the documentation.

Checked in tests by jaxtyping and beartype. Torch shapes live in `tensor_shapes`.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from jaxtyping import Bool, Float, Int, Shaped

PerDocument = Int[np.ndarray, " documents"]
"""An integer for each document, such as its group, its stratum or its length."""

DocumentMask = Bool[np.ndarray, " documents"]
"""Which documents take part."""

DocumentDirections = Float[np.ndarray, "documents width"]
"""For each document a vector of length 1."""

FeatureDirections = Float[np.ndarray, "features width"]
"""For each feature where it points among a few directions."""

StateArray = Float[np.ndarray, "units width"]
"""One hidden vector for each unit (token or sentence)."""

KeptArray = Float[np.ndarray, "kept width"]
"""The vectors of those units that are kept."""

SentenceArray = Float[np.ndarray, "sentences width"]
"""One vector for each sentence, beside the states of its tokens."""

GroupNames = Shaped[np.ndarray, " documents"]
"""For each document the name of its group or class, None where it has none."""

PerFeature = Float[np.ndarray, " features"]
"""A number for each feature, such as a rate, a difference or a p-value."""

CountPerFeature = Int[np.ndarray, " features"]
"""A number of documents (or of pairs of documents) for each feature."""

PerCluster = Float[np.ndarray, " clusters"]
"""A number for each cluster of documents that belong together, such as an author's."""

FeatureMask = Bool[np.ndarray, " features"]
"""Which features are meant."""

CountPerStratum = Int[np.ndarray, " strata"]
"""A number of documents for each stratum."""

CountPerStratumAndFeature = Int[np.ndarray, "strata features"]
"""A number of documents for each stratum and feature."""

PresenceMatrix = Shaped[sp.csr_array, "documents features"]
"""Anything but zero where a feature is present in a document."""

LeftPresence = Shaped[sp.csr_array, "documents lefts"]
"""The same, where features of two sides are paired: those of the left side."""

PairedPresence = Shaped[sp.csr_array, "pairs features"]
"""The same for one side of pairs of documents; row i belongs to pair i."""

PerPair = Int[np.ndarray, " pairs"]
"""An integer for each pair of documents, such as its stratum."""

PairMask = Bool[np.ndarray, " pairs"]
"""Which pairs are meant."""

NumberPerDraw = Float[np.ndarray, " draws"]
"""A number for each pair drawn at random."""

NumberPerPair = Float[np.ndarray, " pairs"]
"""A number for each pair of documents, such as the log ratio of their lengths."""

CountPerGroup = Int[np.ndarray, " groups"]
"""A number of documents for each group."""

CountPerGroupAndFeature = Int[np.ndarray, "groups features"]
"""A number of documents for each group and feature."""

PerContrastAndFeature = Float[np.ndarray, "contrasts features"]
"""A number for each contrast of two groups and each feature."""

PerGroupAndFeature = Float[np.ndarray, "groups features"]
"""A number for each group and feature, such as a p-value."""

PerTest = Float[np.ndarray, " tests"]
"""A number for each test, NaN where it was not done."""

TestMask = Bool[np.ndarray, " tests"]
"""Which tests are meant."""

CellSizes = Int[np.ndarray, " cells"]
"""A number of documents for each cell of the table of two features."""

CellCounts = Int[np.ndarray, "cells outcomes"]
"""A number of judged documents for each cell of that table and each outcome."""

OutcomeShares = Float[np.ndarray, "draws outcomes"]
"""For each draw the share of documents with each outcome."""

PerOutcome = Float[np.ndarray, " outcomes"]
"""A chance for each possible count."""

PerSummand = Float[np.ndarray, " summands"]
"""A chance for each possible value of a count that is added to another."""

CandidateOrder = Int[np.ndarray, " candidates"]
"""A column number, or a count, for each candidate feature."""

PerCandidate = Float[np.ndarray, " candidates"]
"""A number for each of some features."""

CandidateMask = Bool[np.ndarray, " candidates"]
"""Which candidate features are meant."""

SamePairs = Shaped[sp.csr_array, "candidates candidates"]
"""Not zero where two candidate features are known to be the same."""

ChancesPerFeature = Float[np.ndarray, "features outcomes"]
"""A chance for each feature and possible count."""

PerStratum = Float[np.ndarray, " strata"]
"""A number for each stratum, such as its weight."""

PairRegressors = Float[np.ndarray, "pairs regressors"]
"""What a regression over pairs of documents explains with."""

DocumentRegressors = Float[np.ndarray, "documents regressors"]
"""What a regression over documents explains with."""

PhraseVectors = Float[np.ndarray, "phrases width"]
"""A vector of length 1 for each phrase."""

Affinity = Float[np.ndarray, "documents documents"]
"""How alike each two documents are, in [0, 1]."""

Coordinates = Float[np.ndarray, "documents components"]
"""Where each document lies."""

PerComponent = Float[np.ndarray, " components"]
"""A number for each component, such as an eigenvalue."""

Neighbours = Int[np.ndarray, "documents neighbours"]
"""The numbers of other documents for each document; -1 where there are fewer."""

NeighbourAffinity = Float[np.ndarray, "documents neighbours"]
"""How alike a document and each of its neighbours are; 0 where there are fewer."""

NumberPerDocument = Float[np.ndarray, " documents"]
"""A number for each document, such as how well it fits."""

UnitPresence = Shaped[sp.csr_array, "units features"]
"""Anything but zero where a feature is present in a unit, such as a sentence."""

NumberPerUnit = Float[np.ndarray, " units"]
"""A number for each unit."""

NumberPerDocumentAndDraw = Float[np.ndarray, "documents draws"]
"""A number for each document and draw."""

UnitVectors = Float[np.ndarray, "units width"]
"""A vector for each unit."""

RunStarts = Int[np.ndarray, " runs"]
"""Where each run of neighbours begins."""

VectorSums = Float[np.ndarray, "runs width"]
"""A vector for each run."""

PhraseVector = Float[np.ndarray, " width"]
"""What a phrase means, a vector of length 1."""

WeightedFeatures = Int[np.ndarray, " weighted"]
"""The numbers of some features."""

FeatureWeights = Float[np.ndarray, " weighted"]
"""How much each of them counts."""

DocumentOrder = Int[np.ndarray, " places"]
"""Rows of documents, the first one first; not all need be there."""

PlacesOfWords = Int[np.ndarray, " found"]
"""Where words are in an index."""

EnrichmentPerWord = Float[np.ndarray, " words"]
"""A number for each word of an index."""

FeatureMeanings = Float[np.ndarray, "features width"]
"""A vector for each feature; zeros where it has none."""

CompanionVectors = Float[np.ndarray, "features directions"]
"""A vector for each feature of the features it usually is with; zeros where it has none."""

PhraseByFeature = Float[np.ndarray, "phrases features"]
"""A number for each phrase and feature, such as a cosine."""

NumberPerOther = Float[np.ndarray, " others"]
"""A number for each document of the other side."""

NumberPerGroup = Float[np.ndarray, " groups"]
"""A number for each group of documents."""

NumberPerValue = Float[np.ndarray, " values"]
"""A number for each value that a figure may have."""

ScorePerClass = Float[np.ndarray, "documents classes"]
"""A number for each document and class."""

ClassMask = Bool[np.ndarray, "documents classes"]
"""Which documents are of which class."""


Rows = npt.NDArray[np.int64]
"""Which documents are meant, counted from 0."""

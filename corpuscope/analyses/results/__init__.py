"""What answers share: their base, evidence, names of features, the style of plots."""

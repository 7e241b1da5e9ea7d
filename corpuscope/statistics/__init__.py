"""Pure formulas: counts in, effects, intervals and p-values out, for all features at once."""

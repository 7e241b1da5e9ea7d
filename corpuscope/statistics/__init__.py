"""Pure functions from counts to effects, intervals and p-values, for all features at once."""

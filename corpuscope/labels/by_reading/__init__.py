"""Labels written by whoever reads a feature's contexts, and trials that test them."""

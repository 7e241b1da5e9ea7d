"""A judge reads texts blind; its error is measured and carried into the result."""

"""Documents beside documents: similarity, neighbours, coordinates."""

"""Features that are in the same documents."""

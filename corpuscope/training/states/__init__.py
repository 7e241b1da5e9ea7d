"""States of a corpus on disk."""

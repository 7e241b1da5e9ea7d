"""From findings to claims: sentences about the texts, tested by reading others."""

"""Encoding without torch: SAEs whose features fire each by its own value, on numpy arrays."""

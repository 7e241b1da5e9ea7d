"""Probes: what a label can be told from."""

"""Measurements behind the figures in RESULTS.md; each module is one command."""

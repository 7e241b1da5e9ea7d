"""Stores and dictionaries in the formats of other tools."""

"""Finds a language model by its name, sees whether it fits, and loads it."""

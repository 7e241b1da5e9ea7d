"""Rates along ordered groups: tests and slopes."""

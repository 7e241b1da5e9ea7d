"""Rates in two groups: counts, tests, confidence intervals and adjustment for length."""

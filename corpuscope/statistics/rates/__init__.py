"""Rates of two groups: counts, tests, intervals, and what length explains."""

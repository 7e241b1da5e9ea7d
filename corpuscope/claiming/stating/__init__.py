"""Findings become sentences that one text can be tested against."""

"""Rates over ordered groups: tests of trend, and slopes."""

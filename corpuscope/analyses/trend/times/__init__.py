"""Parsing of dates and times as people write them."""

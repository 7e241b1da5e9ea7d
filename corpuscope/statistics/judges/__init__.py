"""Rates and differences counted by a judge that errs, corrected by items with known answers."""

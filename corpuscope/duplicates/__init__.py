"""Duplicates and near duplicates: which documents share one text, and how they are counted."""

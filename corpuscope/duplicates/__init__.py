"""Copies and near copies: which documents are one text, and how many votes they have."""

"""Reads rows from files, tables and datasets."""

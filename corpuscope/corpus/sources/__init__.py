"""Rows from files, tables and data sets of any kind."""

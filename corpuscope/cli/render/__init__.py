"""Answers as people see them on a terminal, a file for each command."""

"""Requests of a batch folder as tables that people fill in with any spreadsheet.

`rows`: which fields of an answer are rows; `write` writes sheets, `read` reads filled ones;
`cells`: what a spreadsheet does to a table, and how to undo it; `agreement` compares two people.
"""

"""Dictionaries that others trained and published, in the layouts of their own projects.

`layouts` is the table by which one is recognised, `families/` reads each, `opener` turns what was
read into a dictionary.
"""

"""Prints the results of the commands that show what there is."""

"""The command line: parses arguments, calls the Python functions, prints results."""

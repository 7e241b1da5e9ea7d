"""The command line: parse, call, show. Nobody imports it."""

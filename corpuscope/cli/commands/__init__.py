"""Commands, a file each: parse, call, show."""

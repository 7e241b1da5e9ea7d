"""Linear and attention probes, and how their penalties are chosen."""

"""What probes learn from: states and features, pooled and read again."""

"""Linear and attention probes, fitted with cross-validated penalties."""

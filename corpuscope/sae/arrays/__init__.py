"""SAEs without torch: weights from files, and encoding where each feature fires on its own."""

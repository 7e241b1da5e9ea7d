"""What can be seen of units in their sentences, and random units to compare with."""

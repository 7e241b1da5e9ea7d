"""Labels that others gave to features: their formats, and what they are attached to."""

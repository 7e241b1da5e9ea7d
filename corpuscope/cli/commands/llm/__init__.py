"""Look after what language models, and people in their place, have answered."""

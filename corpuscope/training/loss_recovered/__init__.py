"""Loss recovered: what a dictionary's reconstruction errors cost the language model."""

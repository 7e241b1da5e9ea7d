"""What a dictionary's errors cost the language model."""

"""Matrix products and graphs on a processor without torch, shared by reader and dictionary."""

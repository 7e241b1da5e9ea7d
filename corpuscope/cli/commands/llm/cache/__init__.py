"""Show, export or clear the replies that are kept."""

"""What a store has: columns, how it was made, and questions that fit it."""

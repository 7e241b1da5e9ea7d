"""What a document is, alone and beside another."""

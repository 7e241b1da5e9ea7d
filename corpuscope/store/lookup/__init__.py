"""What is asked of a store with every look: rows of ids, texts, features of a document, counts."""

"""Co-occurrence of features in documents."""

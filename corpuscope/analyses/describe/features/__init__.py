"""What a feature is: names, bands of strength, contexts, groups, companions."""

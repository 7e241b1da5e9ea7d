"""What all group comparisons share: groups, tested features, effect sizes, feature families."""

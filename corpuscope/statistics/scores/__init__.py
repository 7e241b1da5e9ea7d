"""Scores against labels: AUROC, correlation, rankings, regression, with intervals."""

"""Scores compared with labels: AUROC, correlation, rankings and regression, with intervals."""

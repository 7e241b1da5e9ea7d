"""What questions share that compare documents: groups, tested features, effects, families."""

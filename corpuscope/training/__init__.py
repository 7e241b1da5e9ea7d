"""Training dictionaries on a corpus: states on disk, runs, sweeps, finetuning and evaluation."""

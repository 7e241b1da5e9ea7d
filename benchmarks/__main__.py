"""Runs every measurement: `python -m benchmarks`, about two hours on two cores."""

import subprocess
import sys

MODULES = ("imports", "extraction", "label_scores", "decision_rules", "real_job", "planted")

for module in MODULES:
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)

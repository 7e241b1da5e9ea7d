"""Runs every measurement that needs nothing but this package: `python -m benchmarks`.

About six hours on two cores. `benchmarks.training_speed` needs other trainers beside it.
"""

import subprocess
import sys

MODULES = (
    "imports",
    "extraction",
    "label_scores",
    "decision_rules",
    "real_job",
    "planted",
    "trend",
    "training_resume",
    "training_memory",
    "loss_recovered",
    "architectures",
)

for module in MODULES:
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)

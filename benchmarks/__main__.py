"""Runs every measurement that needs nothing but this package: `python -m benchmarks`.

About ten hours on two cores. `label_noise`, `forward_equality`, `training_speed` and
`reconstruction` compare with other packages, which each of them names.
"""

import subprocess
import sys

COMMANDS = (
    "imports", "extraction", "label_scores", "decision_rules", "real_job", "planted report",
    "trend", "pairs", "pairs_of_lengths", "injection report", "mixtures report --compare",
    "cooccurrence", "cluster",
    "cluster_speed", "search", "search_speed", "probe", "probe_speed", "shortcuts report",
    "known_facts", "leaks", "training_resume", "training_memory", "loss_recovered",
    "architectures",
)  # fmt: skip

for command in COMMANDS:
    subprocess.run([sys.executable, "-m", *f"benchmarks.{command}".split()], check=True)

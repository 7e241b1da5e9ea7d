"""Runs every measurement that needs nothing but this package: `python -m benchmarks`.

About fifteen hours on two cores. `label_noise`, `forward_equality`, `training_speed` and
`reconstruction` compare with other packages, which each of them names; `behaviours` needs SmolLM2.
"""

import subprocess
import sys

COMMANDS = (
    "imports", "extraction", "label_scores", "decision_rules", "real_job", "planted report",
    "planted report --nothing 200", "own_length report", "detectable", "clustered_rules",
    "dependent_documents", "nearest_group", "trend", "pairs", "pairs_of_lengths",
    "injection report", "mixtures report --compare", "cooccurrence", "cluster", "cluster_sizes",
    "cluster_speed", "search", "search_speed", "search_warning", "probe", "probe_speed",
    "probe_intervals", "shortcuts report", "kind_shortcuts report", "damage", "known_facts",
    "leaks", "training_resume", "training_memory", "loss_recovered", "architectures", "judge_error",
    "looks",
)  # fmt: skip

for command in COMMANDS:
    subprocess.run([sys.executable, "-m", *f"benchmarks.{command}".split()], check=True)

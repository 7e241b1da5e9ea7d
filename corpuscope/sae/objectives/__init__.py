"""Training objectives (SAE variants): a firing rule and a loss each, one file each."""

from corpuscope.sae.objectives.base import (
    Fired,
    Memory,
    Objective,
    StepResult,
    TrainingBatch,
    Weights,
)
from corpuscope.sae.objectives.batch_top_k import BatchTopKObjective
from corpuscope.sae.objectives.gated import GatedObjective
from corpuscope.sae.objectives.jump_relu import JumpReLUObjective
from corpuscope.sae.objectives.named import NAMES, objective_named
from corpuscope.sae.objectives.penalties import L0, QuadraticFrequency, Tanh, TargetL0
from corpuscope.sae.objectives.relu import ReluL1Objective
from corpuscope.sae.objectives.top_k import TopKObjective

__all__ = [
    "L0",
    "NAMES",
    "BatchTopKObjective",
    "Fired",
    "GatedObjective",
    "JumpReLUObjective",
    "Memory",
    "Objective",
    "QuadraticFrequency",
    "ReluL1Objective",
    "StepResult",
    "Tanh",
    "TargetL0",
    "TopKObjective",
    "TrainingBatch",
    "Weights",
    "objective_named",
]

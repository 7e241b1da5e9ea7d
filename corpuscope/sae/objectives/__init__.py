"""Ways to learn a dictionary: one firing rule and one loss each, one file each."""

from corpuscope.sae.objectives.base import Batch, Fired, Lesson, Memory, Objective, Weights
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
    "Batch",
    "BatchTopKObjective",
    "Fired",
    "GatedObjective",
    "JumpReLUObjective",
    "Lesson",
    "Memory",
    "Objective",
    "QuadraticFrequency",
    "ReluL1Objective",
    "Tanh",
    "TargetL0",
    "TopKObjective",
    "Weights",
    "objective_named",
]

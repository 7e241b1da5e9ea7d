"""Where a reader, a corpus and a trainer meet: states on disk, and dictionaries from them."""

from corpuscope.training.finetuning import Finetuned, finetune
from corpuscope.training.grid import Sweep, sweep
from corpuscope.training.judge import Comparison, compare, evaluate
from corpuscope.training.loss_recovered import LossRecovered, loss_recovered
from corpuscope.training.names import NameScores, name_scores, with_names
from corpuscope.training.plots import plot_run, plot_sweep
from corpuscope.training.reading import read_states
from corpuscope.training.runs import Also, Learned, learn
from corpuscope.training.single import train
from corpuscope.training.state_cache import StateCache, StateStream
from corpuscope.training.state_files import Stream

__all__ = [
    "Also",
    "Comparison",
    "Finetuned",
    "Learned",
    "LossRecovered",
    "NameScores",
    "StateCache",
    "StateStream",
    "Stream",
    "Sweep",
    "compare",
    "evaluate",
    "finetune",
    "learn",
    "loss_recovered",
    "name_scores",
    "plot_run",
    "plot_sweep",
    "read_states",
    "sweep",
    "train",
    "with_names",
]

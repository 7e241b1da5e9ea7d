"""Read corpora with a language model and a sparse autoencoder, then ask what is in them.

    import corpuscope as cs

    answers = cs.read_corpus("answers.jsonl", text="output")
    store = cs.extract(answers, into="answers.scope")
    found = cs.diff(store, by="model", target="new", pair="prompt_id")

Every name loads on first use: importing the package is cheap, and only `extract` and the
dictionary's own functions ever load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpuscope.analyses.audit import audit
    from corpuscope.analyses.audit_result import AuditResult
    from corpuscope.analyses.cluster import cluster
    from corpuscope.analyses.cluster_result import Cluster, ClusterResult
    from corpuscope.analyses.correlate import correlate
    from corpuscope.analyses.correlate_result import CorrelateResult, PairFinding
    from corpuscope.analyses.diff import diff
    from corpuscope.analyses.diff_result import DiffResult, Finding
    from corpuscope.analyses.search import search
    from corpuscope.analyses.search_result import Hit, SearchResult
    from corpuscope.analyses.trend import trend
    from corpuscope.analyses.trend_result import TrendFinding, TrendResult
    from corpuscope.corpus import Corpus, Document, read_corpus
    from corpuscope.demo import demo_corpus
    from corpuscope.errors import CorpuscopeError
    from corpuscope.extraction import extract
    from corpuscope.labels import label_features
    from corpuscope.probing.probe import probe
    from corpuscope.probing.result import Probe, ProbeResult
    from corpuscope.probing.unseen import Unseen
    from corpuscope.reader import load_reader
    from corpuscope.sae import Dictionary, load_dictionary, save_dictionary
    from corpuscope.store import Evidence, Store, open_store
    from corpuscope.training import evaluate, finetune, sweep, train

_HOMES = {
    "AuditResult": "analyses",
    "Cluster": "analyses",
    "ClusterResult": "analyses",
    "Corpus": "corpus",
    "CorpuscopeError": "errors",
    "CorrelateResult": "analyses",
    "Dictionary": "sae",
    "DiffResult": "analyses",
    "Document": "corpus",
    "Evidence": "store",
    "Finding": "analyses",
    "Hit": "analyses",
    "PairFinding": "analyses",
    "Probe": "probing",
    "ProbeResult": "probing",
    "SearchResult": "analyses",
    "Store": "store",
    "TrendFinding": "analyses",
    "TrendResult": "analyses",
    "Unseen": "probing",
    "audit": "analyses",
    "cluster": "analyses",
    "correlate": "analyses",
    "demo_corpus": "demo",
    "diff": "analyses",
    "evaluate": "training",
    "extract": "extraction",
    "finetune": "training",
    "label_features": "labels",
    "load_dictionary": "sae",
    "load_reader": "reader",
    "open_store": "store",
    "probe": "probing",
    "read_corpus": "corpus",
    "save_dictionary": "sae",
    "search": "analyses",
    "sweep": "training",
    "train": "training",
    "trend": "analyses",
}

_READ_EXTRA = {"torch", "transformers", "safetensors", "tokenizers", "huggingface_hub"}

__all__ = [
    "AuditResult",
    "Cluster",
    "ClusterResult",
    "Corpus",
    "CorpuscopeError",
    "CorrelateResult",
    "Dictionary",
    "DiffResult",
    "Document",
    "Evidence",
    "Finding",
    "Hit",
    "PairFinding",
    "Probe",
    "ProbeResult",
    "SearchResult",
    "Store",
    "TrendFinding",
    "TrendResult",
    "Unseen",
    "audit",
    "cluster",
    "correlate",
    "demo_corpus",
    "diff",
    "evaluate",
    "extract",
    "finetune",
    "label_features",
    "load_dictionary",
    "load_reader",
    "open_store",
    "probe",
    "read_corpus",
    "save_dictionary",
    "search",
    "sweep",
    "train",
    "trend",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'corpuscope' has no attribute {name!r}")
    try:
        found = getattr(import_module(f"corpuscope.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        raise _not_installed(name, error) from error
    globals()[name] = found
    return found


def _not_installed(name: str, error: ModuleNotFoundError) -> Exception:
    from corpuscope.errors import ReaderError

    if error.name not in _READ_EXTRA:
        return error
    return ReaderError(
        f"{name} needs {error.name}, which is not installed",
        expected="the libraries of the extra `read`",
        next_step="in a checkout of corpuscope run: pip install '.[read,offline]'",
    )


def __dir__() -> list[str]:
    return sorted(__all__)

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
    from corpuscope.analyses.audit.analysis import audit
    from corpuscope.analyses.audit.result import AuditResult
    from corpuscope.analyses.audit.settings import AuditSettings
    from corpuscope.analyses.cluster.analysis import cluster
    from corpuscope.analyses.cluster.finding import Cluster
    from corpuscope.analyses.cluster.result import ClusterResult
    from corpuscope.analyses.cluster.settings import ClusterSettings
    from corpuscope.analyses.comparison.settings import ComparisonSettings
    from corpuscope.analyses.correlate.analysis import correlate
    from corpuscope.analyses.correlate.finding import PairFinding
    from corpuscope.analyses.correlate.result import CorrelateResult
    from corpuscope.analyses.correlate.settings import CorrelateSettings
    from corpuscope.analyses.diff.analysis import diff
    from corpuscope.analyses.diff.finding import Finding
    from corpuscope.analyses.diff.result import DiffResult
    from corpuscope.analyses.search.analysis import search
    from corpuscope.analyses.search.finding import Hit
    from corpuscope.analyses.search.result import SearchResult
    from corpuscope.analyses.search.settings import SearchSettings
    from corpuscope.analyses.trend.analysis import trend
    from corpuscope.analyses.trend.finding import TrendFinding
    from corpuscope.analyses.trend.result import TrendResult
    from corpuscope.analyses.trend.settings import TrendSettings
    from corpuscope.corpus.corpus import Corpus
    from corpuscope.corpus.document import Document
    from corpuscope.corpus.read import FileFormat, read_corpus
    from corpuscope.demo import demo_corpus
    from corpuscope.errors import CorpuscopeError
    from corpuscope.extraction.extract import extract
    from corpuscope.labels.from_words import label_features
    from corpuscope.probing.analysis import probe
    from corpuscope.probing.documents.unseen import Unseen
    from corpuscope.probing.finding import Probe
    from corpuscope.probing.result import ProbeResult
    from corpuscope.probing.settings import ProbeSettings
    from corpuscope.reader.language_model import load_reader
    from corpuscope.sae.dictionary import Dictionary
    from corpuscope.sae.files import load_dictionary, save_dictionary
    from corpuscope.store.evidence import Evidence
    from corpuscope.store.store import Store, open_store
    from corpuscope.training.evaluate import evaluate
    from corpuscope.training.finetune import finetune
    from corpuscope.training.settings import FinetuneSettings, ReadingSettings, TrainingSettings
    from corpuscope.training.sweep import sweep
    from corpuscope.training.train import train

_HOMES = {
    "AuditResult": "analyses.audit.result",
    "AuditSettings": "analyses.audit.settings",
    "Cluster": "analyses.cluster.finding",
    "ClusterResult": "analyses.cluster.result",
    "ClusterSettings": "analyses.cluster.settings",
    "ComparisonSettings": "analyses.comparison.settings",
    "Corpus": "corpus.corpus",
    "CorpuscopeError": "errors",
    "CorrelateResult": "analyses.correlate.result",
    "CorrelateSettings": "analyses.correlate.settings",
    "Dictionary": "sae.dictionary",
    "DiffResult": "analyses.diff.result",
    "Document": "corpus.document",
    "Evidence": "store.evidence",
    "FileFormat": "corpus.read",
    "Finding": "analyses.diff.finding",
    "FinetuneSettings": "training.settings",
    "Hit": "analyses.search.finding",
    "PairFinding": "analyses.correlate.finding",
    "Probe": "probing.finding",
    "ProbeResult": "probing.result",
    "ProbeSettings": "probing.settings",
    "ReadingSettings": "training.settings",
    "SearchResult": "analyses.search.result",
    "SearchSettings": "analyses.search.settings",
    "Store": "store.store",
    "TrainingSettings": "training.settings",
    "TrendFinding": "analyses.trend.finding",
    "TrendResult": "analyses.trend.result",
    "TrendSettings": "analyses.trend.settings",
    "Unseen": "probing.documents.unseen",
    "audit": "analyses.audit.analysis",
    "cluster": "analyses.cluster.analysis",
    "correlate": "analyses.correlate.analysis",
    "demo_corpus": "demo",
    "diff": "analyses.diff.analysis",
    "evaluate": "training.evaluate",
    "extract": "extraction.extract",
    "finetune": "training.finetune",
    "label_features": "labels.from_words",
    "load_dictionary": "sae.files",
    "load_reader": "reader.language_model",
    "open_store": "store.store",
    "probe": "probing.analysis",
    "read_corpus": "corpus.read",
    "save_dictionary": "sae.files",
    "search": "analyses.search.analysis",
    "sweep": "training.sweep",
    "train": "training.train",
    "trend": "analyses.trend.analysis",
}

_READ_EXTRA = {"torch", "transformers", "safetensors", "tokenizers", "huggingface_hub"}

__all__ = [
    "AuditResult",
    "AuditSettings",
    "Cluster",
    "ClusterResult",
    "ClusterSettings",
    "ComparisonSettings",
    "Corpus",
    "CorpuscopeError",
    "CorrelateResult",
    "CorrelateSettings",
    "Dictionary",
    "DiffResult",
    "Document",
    "Evidence",
    "FileFormat",
    "Finding",
    "FinetuneSettings",
    "Hit",
    "PairFinding",
    "Probe",
    "ProbeResult",
    "ProbeSettings",
    "ReadingSettings",
    "SearchResult",
    "SearchSettings",
    "Store",
    "TrainingSettings",
    "TrendFinding",
    "TrendResult",
    "TrendSettings",
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

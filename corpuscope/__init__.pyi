"""What the package exports; each name is imported when it is first used."""

from .analyses.audit.analysis import audit as audit
from .analyses.audit.result import AuditResult as AuditResult
from .analyses.audit.settings import AuditSettings as AuditSettings
from .analyses.cluster.analysis import cluster as cluster
from .analyses.cluster.finding import Cluster as Cluster
from .analyses.cluster.result import ClusterResult as ClusterResult
from .analyses.cluster.settings import ClusterSettings as ClusterSettings
from .analyses.comparison.settings import ComparisonSettings as ComparisonSettings
from .analyses.correlate.analysis import correlate as correlate
from .analyses.correlate.finding import PairFinding as PairFinding
from .analyses.correlate.result import CorrelateResult as CorrelateResult
from .analyses.correlate.settings import CorrelateSettings as CorrelateSettings
from .analyses.describe.compare_documents import compare_documents as compare_documents
from .analyses.describe.describe_document import describe_document as describe_document
from .analyses.describe.describe_feature import describe_feature as describe_feature
from .analyses.describe.describe_store import describe_store as describe_store
from .analyses.describe.documents.document_comparison import (
    DocumentComparison as DocumentComparison,
)
from .analyses.describe.documents.document_description import (
    DocumentDescription as DocumentDescription,
)
from .analyses.describe.features.feature_description import FeatureDescription as FeatureDescription
from .analyses.describe.stores.store_description import StoreDescription as StoreDescription
from .analyses.diff.analysis import diff as diff
from .analyses.diff.finding import Finding as Finding
from .analyses.diff.result import DiffResult as DiffResult
from .analyses.search.analysis import search as search
from .analyses.search.finding import Hit as Hit
from .analyses.search.result import SearchResult as SearchResult
from .analyses.search.settings import SearchSettings as SearchSettings
from .analyses.trend.analysis import trend as trend
from .analyses.trend.finding import TrendFinding as TrendFinding
from .analyses.trend.result import TrendResult as TrendResult
from .analyses.trend.settings import TrendSettings as TrendSettings
from .claiming.analysis import claims as claims
from .claiming.claim import Claim as Claim
from .claiming.result import ClaimsResult as ClaimsResult
from .claiming.settings import ClaimSettings as ClaimSettings
from .corpus.corpus import Corpus as Corpus
from .corpus.document import Document as Document
from .corpus.read import FileFormat as FileFormat
from .corpus.read import read_corpus as read_corpus
from .demo import demo_corpus as demo_corpus
from .errors import CorpuscopeError as CorpuscopeError
from .export.anndata import export_anndata as export_anndata
from .export.atlas import export_atlas as export_atlas
from .export.atlas_rule import AtlasSettings as AtlasSettings
from .export.csv import export_csv as export_csv
from .export.datasets import export_datasets as export_datasets
from .export.parquet import export_parquet as export_parquet
from .export.result import Export as Export
from .export.saelens import SAELensSettings as SAELensSettings
from .export.saelens import export_saelens as export_saelens
from .extraction.extract import extract as extract
from .labels.from_words import label_features as label_features
from .llm.client import LLM as LLM
from .probing.analysis import probe as probe
from .probing.documents.unseen import Unseen as Unseen
from .probing.finding import Probe as Probe
from .probing.result import ProbeResult as ProbeResult
from .probing.settings import ProbeSettings as ProbeSettings
from .reader.language_model import load_reader as load_reader
from .sae.dictionary import Dictionary as Dictionary
from .sae.files import save_dictionary as save_dictionary
from .sae.formats import load_dictionary as load_dictionary
from .store.evidence import Evidence as Evidence
from .store.store import Store as Store
from .store.store import open_store as open_store
from .training.check import check as check
from .training.evaluate import evaluate as evaluate
from .training.finetune import finetune as finetune
from .training.settings import FinetuneSettings as FinetuneSettings
from .training.settings import ReadingSettings as ReadingSettings
from .training.settings import TrainingSettings as TrainingSettings
from .training.sweep import sweep as sweep
from .training.train import train as train

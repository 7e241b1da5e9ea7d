"""Texts with ids and metadata; knows no model."""

from corpuscope.corpus.chat import Chat, join_answer, join_messages
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document, Role, Scalar, Skipped
from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.sentences import split_sentences
from corpuscope.corpus.survey import Survey
from corpuscope.corpus.words import feature_kind, word_features

__all__ = [
    "Chat",
    "Corpus",
    "Document",
    "Role",
    "Scalar",
    "Skipped",
    "Survey",
    "feature_kind",
    "join_answer",
    "join_messages",
    "read_corpus",
    "split_sentences",
    "word_features",
]

"""Corpora: texts with ids and metadata, from files and tables; independent of models."""

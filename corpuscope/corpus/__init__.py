"""Texts with ids and metadata; knows no model."""

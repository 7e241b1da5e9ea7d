"""Tests for documents that are not independent."""

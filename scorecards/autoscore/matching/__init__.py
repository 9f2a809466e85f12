"""Patterns of words, found in text quickly."""

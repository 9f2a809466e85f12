"""Reads vCon conversation containers."""

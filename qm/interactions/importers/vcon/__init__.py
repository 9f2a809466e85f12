"""Importer of vCon conversation containers."""

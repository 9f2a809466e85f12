"""Ingestion of interactions: schemas, redaction of personal data, import of other formats."""

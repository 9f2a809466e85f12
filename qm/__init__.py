"""The quality-management application: ingestion of interactions, reviews, models, reports and HTTP API."""

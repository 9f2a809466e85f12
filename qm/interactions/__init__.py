"""Intake of interactions: contract, redaction, foreign formats."""

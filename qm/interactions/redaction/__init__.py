"""Redaction: detects and masks personal data before anything is stored."""

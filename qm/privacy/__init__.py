"""Removes personal data again: erasure of an interaction with everything known of it."""

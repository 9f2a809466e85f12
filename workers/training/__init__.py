"""Trains models from what reviewers answered."""

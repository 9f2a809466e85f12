"""Erasure of an interaction with all its data."""

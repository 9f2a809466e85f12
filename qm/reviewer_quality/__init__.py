"""Reviewer quality: golden items, second looks, and what they say of those who review."""

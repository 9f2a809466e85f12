"""Monitors models in production: gates against drift."""

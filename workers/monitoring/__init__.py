"""Watches what runs by itself: gates against drift."""

"""Scores what waits: claims a slice, judges it, stores the results."""

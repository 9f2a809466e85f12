"""Scores waiting interactions: claims a batch, evaluates it, stores the results."""

"""Probability sampling of interactions for review, and the train/holdout split. Pure."""

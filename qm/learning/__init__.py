"""Judgement that learns: models, the trainings that make them, and the gates they must pass."""

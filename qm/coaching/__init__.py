"""Coaching plans from published evaluations, and whether what they coach moved."""

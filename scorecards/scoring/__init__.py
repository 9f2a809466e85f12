"""Validation of answers, and the score that follows from them. Pure."""

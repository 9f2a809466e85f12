"""Judgement learned from a client's reviewers; using it needs numbers and words, no library that fits."""

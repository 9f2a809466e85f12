"""Annotation of a transcript: sentences, signals, sentiment, canned responses, greeting position."""

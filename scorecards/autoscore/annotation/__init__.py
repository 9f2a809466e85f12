"""A transcript annotated: sentences, sentiment, canned responses, greeting position."""

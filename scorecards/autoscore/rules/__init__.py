"""The judgements by rules, and their catalogue."""

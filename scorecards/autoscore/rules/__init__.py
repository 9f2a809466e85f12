"""The judgements that are written rules, and their catalogue."""

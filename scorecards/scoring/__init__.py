"""From answers to a score. Pure."""

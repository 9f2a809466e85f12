"""Disputes of published evaluations, their decisions and appeals, and the acknowledgement of evaluations."""

"""A client's definitions as plain values: scorecard form, brand voice, playbook, applicability. Pure."""

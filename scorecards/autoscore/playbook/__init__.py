"""Whether a conversation followed its playbook: retrieval, steps, discretion, dead ends."""

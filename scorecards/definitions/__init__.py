"""What a client has defined, as plain values: scorecard form, brand voice, playbook, applicability."""

"""Webhooks: events for machines, written with the change they tell of, signed, sent and retried."""

"""Sends events to the webhooks that want them."""

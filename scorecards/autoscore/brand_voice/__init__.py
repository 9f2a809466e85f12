"""Comparison of conversations with a client's brand voice."""

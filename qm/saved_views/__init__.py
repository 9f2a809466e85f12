"""Saved views of lists: filters and columns under a name, one's own or shared within the provider."""

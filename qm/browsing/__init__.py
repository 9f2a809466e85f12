"""Listing, searching and reading interactions, as the caller may see them."""

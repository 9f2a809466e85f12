"""Example clients, interactions and reviewers, and the command that shows them."""

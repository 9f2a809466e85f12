"""Example data for trying QM out: two clients of one provider, their interactions and their reviewers."""

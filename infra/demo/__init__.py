"""Example data for trying QM out: two clients of one provider, what they were told, and what reviewers say."""

"""Models trained on a client's reviewers: inference, which needs NumPy and no training library."""

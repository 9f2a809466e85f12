"""Fits models: from labelled examples to weights, with scikit-learn."""

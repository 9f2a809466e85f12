"""Fits the models: from labelled examples to arrays, with scikit-learn."""

"""Trains models on reviewers' evaluations: triggers, claims, data sets, fitting, results."""

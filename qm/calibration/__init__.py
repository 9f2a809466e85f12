"""Calibration: several people answer the same interactions blind, and see how far they agree."""

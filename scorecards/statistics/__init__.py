"""Statistics, one topic a file: intervals, agreement coefficients, tests, estimators. Pure."""

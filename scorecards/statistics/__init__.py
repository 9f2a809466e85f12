"""Statistics, one chapter a file: intervals, agreement coefficients, tests, estimators. Pure."""

"""How automatic a question may be: risk control, holdout evaluation, gates, drift detection. Pure."""

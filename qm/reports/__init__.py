"""Reports: queries, estimates and their contract."""

"""Facts of each interaction and the daily sums made of them: what every report reads."""

"""Background work: claims and leases, scoring, training, gate reviews, the schedule."""

"""Human reviews: the review queue, blind review, and evaluations submitted by reviewers."""

"""What a scorecard would have said of the evaluations that are stored; nothing is stored by asking."""

"""How far the machine may go with a question: risk control, held-out evaluation, gates, drift."""

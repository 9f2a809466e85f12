"""Who is drawn for review, with which probability, and who is held out from training. Pure."""
